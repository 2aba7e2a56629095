"""The IdeaInspiration database: one row for each text and each worker that has looked at it.

Both workers import this file (PYTHONPATH in workerhost.yaml); it needs nothing beyond the standard library.
"""

import contextlib
import json
import os
import pathlib
import sqlite3
import time

SCHEMA = """
CREATE TABLE IF NOT EXISTS idea_inspiration (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    content TEXT NOT NULL,
    keywords TEXT NOT NULL CHECK (json_valid(keywords)),
    source_type TEXT NOT NULL CHECK (source_type IN ('text', 'video', 'audio', 'unknown')),
    metadata TEXT NOT NULL CHECK (json_valid(metadata)),
    source_id TEXT NOT NULL,
    source_url TEXT NOT NULL,
    produced_by TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    UNIQUE (source_id, produced_by)
)
"""

# A task may run more than once, so saving must be repeatable: the same source and worker is the same row.
SAVE = """
INSERT INTO idea_inspiration (title, description, content, keywords, source_type, metadata, source_id, source_url,
                              produced_by, created_at, updated_at)
VALUES (:title, :description, :content, :keywords, :source_type, :metadata, :source_id, :source_url,
        :produced_by, :now, :now)
ON CONFLICT (source_id, produced_by) DO UPDATE SET
    title = excluded.title, description = excluded.description, content = excluded.content,
    keywords = excluded.keywords, source_type = excluded.source_type, metadata = excluded.metadata,
    source_url = excluded.source_url, updated_at = excluded.updated_at
"""


def connect(path):
    """Opens the database, several processes at once: writers wait for each other up to 20 seconds."""
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=20, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    return database


def save(idea, produced_by, path=None):
    """Saves one idea (a dictionary with the table's columns) and returns the id of its row."""
    row = dict(idea, produced_by=produced_by, now=time.time())
    row["keywords"] = json.dumps(idea["keywords"], ensure_ascii=False)
    row["metadata"] = json.dumps(idea["metadata"], ensure_ascii=False, sort_keys=True)
    with contextlib.closing(connect(path or os.environ["IDEAS_DATABASE"])) as database:
        # IMMEDIATE: a transaction that reads before it writes could otherwise fail at once instead of waiting.
        database.execute("BEGIN IMMEDIATE")
        try:
            database.execute(SCHEMA)
            database.execute(SAVE, row)
            (identifier,) = database.execute(
                "SELECT id FROM idea_inspiration WHERE source_id = ? AND produced_by = ?",
                (idea["source_id"], produced_by),
            ).fetchone()
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise
    return identifier
