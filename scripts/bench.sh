#!/usr/bin/env bash
# Measures the host against the bare limit on this machine: a oneshot task, a long queue, an idle host,
# the wire code.
# Takes about five minutes; nothing else should run meanwhile. Exit code 1 if a figure is over its limit.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$project/scripts/setup.sh" --python
cd "$project"
step "Building workerhost (release)" build_release
host=$(build_release --show-bin-path)/workerhost
step "Building the C programs" "$project/Benchmarks/build.sh"
built=$project/Benchmarks/.build-bench
python=$("$project/scripts/find-python.sh")

result=0
heading "A oneshot task"
"$python" Benchmarks/oneshot.py --host "$host" --bare "$built/bare_oneshot" --worker "$built/trivial_worker" "$@" \
    || result=1
heading "An idle host"
"$python" Benchmarks/idle.py --host "$host" --worker "$built/trivial_worker" || result=1
heading "The wire code"
Benchmarks/codec.sh || result=1
exit "$result"
