#!/usr/bin/env bash
# Measures the host against the bare limit on this machine: a oneshot task, a long queue, warm and forked workers, an idle
# host, the wire code, the REST TaskManager.
# Takes about a quarter of an hour; nothing else should run meanwhile. Exit code 1 if a figure is over its limit.
# bench.sh [PART...]: oneshot, warm, fork, idle, wire, http; all of them without an argument.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$project/scripts/setup.sh" --python
cd "$project"
step "Building workerhost (release)" build_release
step "Building hostbench (release)" build_release_of hostbench
step "Building taskmanagerserver (release)" build_release_of taskmanagerserver
binaries=$(build_release --show-bin-path)
host=$binaries/workerhost
step "Building the C programs" "$project/Benchmarks/build.sh"
built=$project/Benchmarks/.build-bench
python=$("$project/scripts/find-python.sh")

# For a worker that imports what many do. Called by step.
# shellcheck disable=SC2329
fork_python() {
    [[ -x $built/venv/bin/python ]] || "$python" -m venv "$built/venv"
    "$built/venv/bin/python" -m pip install --quiet --disable-pip-version-check requests
}

result=0
parts=("$@")
if (($# == 0)); then parts=(oneshot warm fork idle wire http); fi
for part in "${parts[@]}"; do
    case $part in
        oneshot)
            heading "A oneshot task"
            "$python" Benchmarks/oneshot.py --host "$host" --bare "$built/bare_oneshot" \
                --worker "$built/trivial_worker" || result=1
            ;;
        warm)
            heading "Warm workers"
            "$python" Benchmarks/warm.py --host "$host" --hostbench "$binaries/hostbench" \
                --bare "$built/bare_pipeline" --python "$python" || result=1
            ;;
        fork)
            heading "Forked workers"
            step "A virtualenv with requests" fork_python
            "$built/venv/bin/python" Benchmarks/fork/measure.py --host "$host" || result=1
            ;;
        idle)
            heading "An idle host"
            "$python" Benchmarks/idle.py --host "$host" --worker "$built/trivial_worker" || result=1
            ;;
        wire)
            heading "The wire code"
            Benchmarks/codec.sh || result=1
            ;;
        http)
            heading "The REST TaskManager"
            "$python" Benchmarks/http_calls.py --server "$binaries/taskmanagerserver" --bare "$built/bare_http" --host "$host" \
                --python "$python" || result=1
            ;;
        *) fail "unknown part '$part'; known are oneshot, warm, fork, idle, wire, http" ;;
    esac
done
exit "$result"
