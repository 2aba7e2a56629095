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

heading "Tests of the examples' workers"
"$python" -m unittest discover --start-directory Examples/quickstart/tests

printf '\nAll checks passed in %s s\n' "$(elapsed "$started")"
