#!/usr/bin/env bash
# Creates the virtualenvs of the quickstart's workers, one each; with --checks also that of the checks' tools.
# Does nothing for one whose requirements, interpreter and place are those it was made with.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

python=$("$project/scripts/find-python.sh")

# virtualenv NAME REQUIREMENTS FOLDER
virtualenv() {
    local name=$1 requirements=$2 venv=$3 stamp=$3/.made-from made_from
    made_from=$({
        cat "$requirements"
        "$python" -VV
        echo "$python $venv"
    } | sha256sum)
    if [[ -x $venv/bin/python && -f $stamp && $(<"$stamp") == "$made_from" ]]; then
        return
    fi
    step "Virtualenv of $name" "$python" -m venv --clear "$venv"
    step "Packages of $name" "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        --requirement "$requirements"
    # Last, so that an interrupted installation is done again.
    printf '%s\n' "$made_from" >"$stamp"
}

for requirements in "$project"/Examples/quickstart/*/requirements.txt; do
    folder=$(dirname "$requirements")
    virtualenv "$(basename "$folder")" "$requirements" "$folder/.venv"
done
if [[ ${1:-} == --checks ]]; then
    virtualenv "the checks" "$project/scripts/requirements.txt" "$project/.build-checks"
fi
