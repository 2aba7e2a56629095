#!/usr/bin/env python3
"""Checks that each code block under a line `<!-- file: PATH -->` is that file, and that links to files lead somewhere."""

import pathlib
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[1]
SHOWN = re.compile(r"<!-- file: (\S+) -->\n+```[a-z]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def problems_of(document):
    text = document.read_text(encoding="utf-8")
    name = document.relative_to(PROJECT)
    for match in SHOWN.finditer(text):
        file = PROJECT / match[1]
        where = f"{name}:{line_of(text, match.start())}"
        if not file.is_file():
            yield f"{where}: shows {match[1]}, which does not exist"
        elif file.read_text(encoding="utf-8") != match[2]:
            yield f"{where}: the block differs from {match[1]}; copy the file into it"
    if len(re.findall(r"^<!-- file:", text, re.MULTILINE)) != len(SHOWN.findall(text)):
        yield f"{name}: a line '<!-- file: PATH -->' has no code block below it"
    for match in LINK.finditer(text):
        if not (document.parent / match[1]).exists():
            yield f"{name}:{line_of(text, match.start())}: the link to {match[1]} leads nowhere"


def main():
    documents = [path for place in ("*.md", "Docs/**/*.md", "Examples/**/*.md") for path in PROJECT.glob(place)]
    documents = [path for path in documents if ".venv" not in path.parts]
    problems = [problem for document in sorted(documents) for problem in problems_of(document)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
