#!/usr/bin/env bash
# Runs the worker as the host does: a process in its folder, the task on stdin, the reply on stdout.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

failed=0

# expect NAME PARAMS CODE REPLY: runs one task and compares the exit code and, as a pattern, the reply.
expect() {
    local name=$1 params=$2 code=$3 pattern=$4 reply ended=0
    local task='{"id":"test-1","type":"Hello.Greet","params":'$params',"metadata":{"attempt":1,"priority":0}}'
    # A worker sees little of its host's environment; the configuration's `environment` comes on top.
    reply=$(env -i PATH="$PATH" HOME="${HOME:-/}" WORKERHOST_MODE=oneshot WORKERHOST_FORMAT=json \
        WORKERHOST_WORKER="$(basename "$PWD")" bash worker.sh <<<"$task" 2>/dev/null) || ended=$?
    # shellcheck disable=SC2053 # the right side is a pattern
    if [[ $ended == "$code" && $reply == $pattern ]]; then
        echo "ok      $name"
    else
        echo "FAILED  $name: exit code $ended, reply $reply"
        failed=1
    fi
}

expect "a task succeeds" '{"name":"Ada"}' 0 '{"success":true,"result":{"greeting":"Hello, Ada!"}}'
expect "a missing name fails for good" '{}' 2 '*"message":"params.name *"retry_possible":false*'
expect "a name that is no text fails for good" '{"name":7}' 2 '*"retry_possible":false*'
expect "an empty name fails for good" '{"name":" "}' 2 '*"retry_possible":false*'
exit "$failed"
