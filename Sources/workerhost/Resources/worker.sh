#!/usr/bin/env bash
# A worker for WorkerHost: one process per task, a JSON document in on stdin, a JSON line out on stdout.
# Your work goes into `work`; the rest is the protocol and can stay as it is.
set -Eeuo pipefail
# Exit codes mean something to the host (1: try again; 2: failed for good; 3: out of time), so that of a command that
# fails must not become the worker's.
trap 'echo "line $LINENO failed: $BASH_COMMAND" >&2; exit 1' ERR

# bad_params MESSAGE: the task itself is wrong, so that another try cannot help.
bad_params() {
    printf '{"success":false,"error":{"type":"BadParams","message":"%s","retry_possible":false}}\n' "$1"
    exit 2
}

# param NAME: the text of that name in the task's params. Plain bash, which is enough for texts without \ and ";
# for anything else use jq:   jq -er --arg name "$1" '.params[$name] | strings' <<<"$task"
param() {
    local pattern='"params":[[:space:]]*\{[^{}]*"'$1'"[[:space:]]*:[[:space:]]*"([^"\\]*)"'
    [[ $task =~ $pattern ]] && printf '%s' "${BASH_REMATCH[1]}"
}

# Does one task: leaves its result in `result`, as JSON.
work() {
    local name
    name=$(param name) || name=
    [[ $name =~ [^[:space:]] ]] || bad_params "params.name must be a text that is not empty"
    echo "greeting $name" >&2 # standard error is the log
    result='{"greeting":"Hello, '$name'!"}'
}

task=$(cat)
work
printf '{"success":true,"result":%s}\n' "$result"
