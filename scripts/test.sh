#!/usr/bin/env bash
# All checks: set up, format, documents, build, tests, thread sanitizer, the quickstart's workers.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# run_tests LABEL COMMAND...: one line with the number of tests, or all that failed.
run_tests() {
    local label=$1 begun log
    shift
    begun=$(now)
    log=$log_folder/${label// /-}.log
    printf '%-50s' "$label"
    if "$@" >"$log" 2>&1; then
        printf '%8s s\n' "$(elapsed "$begun")"
        sed -nE 's/^.*Test run with (.*) passed.*/    \1 passed/p' "$log"
    else
        printf '  failed after %s s\n' "$(elapsed "$begun")" >&2
        # No head: a pipe that it closes early would end this script, before it has said where all of it is.
        sed -nE '/✘|error:|WARNING: ThreadSanitizer/p' "$log" | sed -n 1,60p >&2
        tail -n 20 "$log" >&2
        fail "all of it: $log"
    fi
}

started=$(now)
"$project/scripts/setup.sh" --python --workers
cd "$project"
"$project/scripts/venvs.sh" --checks
python=$("$project/scripts/find-python.sh")

step "Format" "$project/scripts/format.sh" --check
step "Files shown in the documents" "$python" scripts/check-documents.py
step "Shell scripts" .build-checks/bin/shellcheck -x scripts/*.sh Benchmarks/*.sh Examples/hello/*.sh Examples/workers/*.sh \
    Sources/workerhost/Resources/*.sh .ci/run
step "Building with tests" swift build --build-tests
# It takes the library's files by themselves, so that no other build tells when it is broken.
step "The wire code's benchmark" Benchmarks/codec.sh --check

# Tests wait more than they work, so the library would begin all of them at once; with hundreds of hosts and processes
# side by side the machine runs out of what it has only some of, and bounds in tests are reached.
some_at_once=()
option=--experimental-maximum-parallelization-width
known_options=$(swift test --help-hidden 2>/dev/null) || known_options=
if [[ $known_options == *"$option"* ]]; then some_at_once=("$option" 8); fi

run_tests "Tests" swift test "${some_at_once[@]}"
step "Building with the thread sanitizer" swift build --build-tests --sanitize=thread --scratch-path .build-tsan
run_tests "Tests of the library under the thread sanitizer" \
    swift test "${some_at_once[@]}" --sanitize=thread --scratch-path .build-tsan --filter 'WorkerHost(Core|SQLite|HTTP)Tests'

heading "The embedding example"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
WORKERHOST_STATE_DIR=$state "$(swift build --show-bin-path)/embedding" Examples/hello/workerhost.yaml | tee "$state/said"
grep -q '"words":2' "$state/said" || fail "the worker in Swift did not answer"
grep -q 'Hello, Ada' "$state/said" || fail "the worker process did not answer"

heading "Tests of the examples' workers"
"$python" -m unittest discover --start-directory Examples/quickstart/tests

step "Installing the Python package" .build-checks/bin/python -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps \
    SDK/python
# By the virtualenv's python, whose start is the quickest; each file by itself, for most of it is starts of processes.
# shellcheck disable=SC2016
step "Tests of the Python package" bash -c \
    'cd SDK/python/tests && printf "%s\0" test_*.py | xargs -0 -P 4 -n 1 "$0" -m unittest' "$project/.build-checks/bin/python"
# shellcheck disable=SC2016
step "Tests of its example" bash -c 'cd Examples/python-sdk && "$0" -m unittest' "$project/.build-checks/bin/python"

printf '\nAll checks passed in %s s\n' "$(elapsed "$started")"
