#!/usr/bin/env bash
# The same worker in three modes, and the tasks per second of each: demo-modes.sh WORKERHOST PYTHON
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

workerhost=$1
PYTHON=$2
export PYTHON
export WORKERHOST_CONFIG=$project/Examples/modes/workerhost.yaml
state=$project/Examples/modes/state
mkdir -p "$state"

# in_mode MODE COUNT DESCRIPTION
in_mode() {
    local count=$2 started microseconds
    export MODE=$1
    seq "$count" | sed 's/.*/{"type":"Numbers.Summarize","params":{"numbers":[3,1,4,1,5,9,2,&]}}/' >"$state/tasks.jsonl"
    "$workerhost" submit "$state/tasks.jsonl" >"$state/ids.txt"
    started=$(now)
    if ! "$workerhost" run --until-idle >"$state/run.log" 2>&1; then
        cat "$state/run.log" >&2
        fail "the worker failed in mode $1"
    fi
    microseconds=$(($(now) - started))
    printf '%-8s %-44s %8d %9d\n' "$1" "$3" "$count" "$((count * 1000000 / microseconds))"
}

printf '%-8s %-44s %8s %9s\n' mode "a task runs in" tasks "tasks/s"
in_mode oneshot 20 "a process of its own, started for it"
in_mode fork 1000 "a process of its own, forked from a template"
in_mode pool 20000 "a process that serves one after another"
