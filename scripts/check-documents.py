#!/usr/bin/env python3
"""Checks that the documents tell the truth where a program can see it.

Each code block under a line `<!-- file: PATH -->` is that file, links to files lead somewhere, and each test that is named
as `SuiteTests/name` exists.
"""

import pathlib
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[1]
SHOWN = re.compile(r"<!-- file: (\S+) -->\n+```[a-z]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)")
DECLARATION = re.compile(r"^(?:@Suite.* )?struct (\w+Tests)\b|func (?:`([^`]+)`|(\w+))\(", re.MULTILINE)
TEST = re.compile(r"`(\w+Tests)/([^`]+)`")


def tests():
    """The tests of each suite, by the names that `swift test` prints."""
    found = {}
    for path in (PROJECT / "Tests").rglob("*.swift"):
        suite = ""
        for match in DECLARATION.finditer(path.read_text(encoding="utf-8")):
            suite = match[1] or suite
            found.setdefault(suite, set()).add(match[2] or match[3])
    return found


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def problems_of(document, known_tests):
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
    for match in TEST.finditer(text):
        if match[2] not in known_tests.get(match[1], ()):
            yield f"{name}:{line_of(text, match.start())}: there is no test {match[1]}/{match[2]}"


def main():
    documents = [path for place in ("*.md", "Docs/**/*.md", "Examples/**/*.md", "SDK/**/*.md") for path in PROJECT.glob(place)]
    documents = [path for path in documents if ".venv" not in path.parts]
    known_tests = tests()
    problems = [problem for document in sorted(documents) for problem in problems_of(document, known_tests)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
