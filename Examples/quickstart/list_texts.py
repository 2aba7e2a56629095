#!/usr/bin/env python3
"""Prints the demo's tasks as JSON lines for `workerhost submit --config … -`: two for each text.

The texts are the files of /usr/share/common-licenses (Debian and its relatives) and this project's own documents.
"""

import hashlib
import json
import pathlib
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
LICENCES = pathlib.Path("/usr/share/common-licenses")
SKIPPED_FOLDERS = {"state", "venv", "node_modules", "checkouts"}


def licences():
    """Each file once: GPL is another name of GPL-3."""
    if LICENCES.is_dir():
        for path in sorted({path.resolve() for path in LICENCES.iterdir()}):
            if path.is_file():
                yield f"licence:{path.name}", f"{path.name} (licence)", path


def documents():
    for path in sorted(PROJECT.rglob("*.md")):
        name = path.relative_to(PROJECT)
        if path.is_file() and not any(part.startswith(".") or part in SKIPPED_FOLDERS for part in name.parts[:-1]):
            yield f"document:{name.as_posix()}", name.as_posix(), path


def tasks():
    for source_id, title, path in [*licences(), *documents()]:
        # Unique among unfinished tasks: what still waits from an interrupted run is not queued twice, and what is
        # done is looked at again and updates its row.
        fingerprint = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        params = {"path": str(path), "source_id": source_id, "title": title, "source_url": path.as_uri()}
        for task_type in ("Text.Score", "Text.Classify"):
            key = f"{task_type}:{source_id}:{fingerprint}"
            yield {"type": task_type, "params": params, "dedupe_key": key}


def main():
    count = 0
    for task in tasks():
        print(json.dumps(task))
        count += 1
    if count == 0:
        print(f"list_texts.py: no texts found in {LICENCES} or {PROJECT}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
