#!/usr/bin/env bash
# Prints the path of a python3 (3.9 or newer) that can create virtualenvs: $PYTHON, else the first of PATH that can,
# else the system's. A python3 may well be there without a working venv module.
set -euo pipefail

usable() {
    "$1" -c 'import sys, ensurepip, sqlite3, venv; sys.exit(sys.version_info < (3, 9))' >/dev/null 2>&1
}

if [[ -n ${PYTHON:-} ]]; then
    if ! usable "$PYTHON"; then
        echo "error: PYTHON=$PYTHON is no Python 3.9 or newer with the venv module" >&2
        exit 1
    fi
    command -v "$PYTHON"
    exit
fi

while IFS= read -r candidate; do
    if usable "$candidate"; then
        echo "$candidate"
        exit
    fi
done < <(type -ap python3; echo /usr/bin/python3)

echo "error: no python3 (3.9 or newer) with a working venv module; on Debian: apt-get install python3-venv" >&2
exit 1
