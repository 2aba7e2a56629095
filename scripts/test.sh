#!/usr/bin/env bash
# All checks: set up, format, documents, build, tests, thread sanitizer, the quickstart's workers.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

started=$(now)
"$project/scripts/setup.sh" --python
cd "$project"
"$project/scripts/venvs.sh" --checks
python=$("$project/scripts/find-python.sh")

step "Format" "$project/scripts/format.sh" --check
step "Files shown in the documents" "$python" scripts/check-documents.py
step "Shell scripts" .build-checks/bin/shellcheck -x scripts/*.sh Benchmarks/*.sh Examples/hello/*.sh .ci/run
step "Building with tests" swift build --build-tests

heading "swift test"
swift test
heading "swift test --sanitize=thread (the core's tests)"
swift test --sanitize=thread --scratch-path .build-tsan --filter WorkerHostCoreTests

heading "The embedding example"
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
WORKERHOST_STATE_DIR=$state "$(swift build --show-bin-path)/embedding" Examples/hello/workerhost.yaml | tee "$state/said"
grep -q '"words":2' "$state/said" || fail "the worker in Swift did not answer"
grep -q 'Hello, Ada' "$state/said" || fail "the worker process did not answer"

heading "Tests of the examples' workers"
"$python" -m unittest discover --start-directory Examples/quickstart/tests

printf '\nAll checks passed in %s s\n' "$(elapsed "$started")"
