#!/usr/bin/env python3
"""Prints what the workers stored: show_results.py DATABASE [--since SECONDS-SINCE-1970] [--rows N]"""

import argparse
import json
import pathlib
import sqlite3
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]


def load(path):
    database = sqlite3.connect(f"{pathlib.Path(path).resolve().as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    rows = [dict(row) for row in database.execute("SELECT * FROM idea_inspiration ORDER BY source_id, produced_by")]
    database.close()
    for row in rows:
        row["metadata"] = json.loads(row["metadata"])
        row["keywords"] = json.loads(row["keywords"])
    return rows


def table(head, rows):
    """Columns as wide as their widest cell; numbers to the right."""
    cells = [head] + [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    right = [bool(rows) and all(isinstance(row[column], (int, float)) for row in rows) for column in range(len(head))]
    for number, line in enumerate(cells):
        padded = [cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(line, widths, right)]
        print("  " + "  ".join(padded).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))


def short(text, limit):
    return text if len(text) <= limit else text[: limit - 1] + "…"


def below_project(path):
    path = pathlib.Path(path)
    return path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path


def per_worker(rows, since):
    lines = []
    for name in sorted({row["produced_by"] for row in rows}):
        mine = [row for row in rows if row["produced_by"] == name]
        now = [row for row in mine if row["updated_at"] >= since]
        seconds = [row["metadata"]["seconds"] for row in now]
        versions = sorted({f"{row['metadata']['package']} {row['metadata']['package_version']}" for row in mine})
        lines.append(
            [
                name,
                ", ".join(versions),
                len(mine),
                sum(row["created_at"] >= since for row in now),
                sum(row["created_at"] < since for row in now),
                f"{1000 * sum(seconds) / len(seconds):.0f} ms" if seconds else "-",
                ", ".join(sorted({str(below_project(row["metadata"]["interpreter"])) for row in mine})),
            ]
        )
    table(["worker", "package", "rows", "new", "updated", "mean work", "virtualenv"], lines)
    print("  (work: what the worker measured itself, without the start of its Python)")


def per_text(rows, limit):
    """The same text seen by both workers."""
    texts = {}
    for row in rows:
        texts.setdefault(row["source_id"], {})[row["produced_by"]] = row
    both = [pair for pair in texts.values() if {"content_scorer", "classifier"} <= pair.keys()]
    if not both:
        return
    scorer = both[0]["content_scorer"]["metadata"]["package_version"]
    classifier = both[0]["classifier"]["metadata"]["package_version"]
    lines = []
    for pair in [both[index * len(both) // limit] for index in range(limit)] if len(both) > limit else both:
        scored, classified = pair["content_scorer"], pair["classifier"]
        lines.append(
            [
                short(scored["title"], 30),
                scored["metadata"]["words"],
                scored["metadata"]["score"],
                scored["metadata"]["lix"],
                classified["metadata"]["lix"],
                classified["metadata"]["category"],
                short(", ".join(classified["keywords"]), 34),
            ]
        )
    print(f"The same texts by both workers; the LIX of {scorer} and that of {classifier} differ:\n")
    head = ["text", "words", "ease", f"LIX {scorer}", f"LIX {classifier}", "category", "keywords"]
    table(head, lines)
    if len(both) > len(lines):
        print(f"  … {len(both) - len(lines)} more texts")


def one_row(row):
    """A row as it stands in the database; long columns are cut."""
    print("One of the rows:\n")
    for name in ("title", "description", "keywords", "source_type", "source_id", "source_url", "content", "metadata"):
        value = row[name] if isinstance(row[name], str) else json.dumps(row[name], ensure_ascii=False)
        print(f"  {name:<12} {short(' '.join(value.split()).replace(f'{PROJECT}/', ''), 92)}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("database")
    arguments.add_argument("--since", type=float, default=0, help="tells new and updated rows apart")
    arguments.add_argument("--rows", type=int, default=8)
    options = arguments.parse_args()
    if not pathlib.Path(options.database).exists():
        print(f"show_results.py: there is no {options.database}; no task has stored anything yet", file=sys.stderr)
        return 1
    rows = load(options.database)
    per_worker(rows, options.since)
    print()
    per_text(rows, max(1, options.rows))
    if rows:
        print()
        one_row(max(rows, key=lambda row: (row["produced_by"] == "classifier", len(row["content"]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
