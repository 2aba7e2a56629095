#!/usr/bin/env bash
# A oneshot worker in bash: one JSON document in on stdin, one JSON line out on stdout; jq does the JSON.
set -Eeuo pipefail
# The exit code of a command that fails must not become the worker's: 2 and 3 mean something to the host.
trap 'echo "line $LINENO failed: $BASH_COMMAND" >&2; exit 1' ERR

# refuse TYPE MESSAGE: the task itself is wrong, so that another try cannot help.
refuse() {
    jq -cn --arg type "$1" --arg message "$2" \
        '{success: false, error: {type: $type, message: $message, retry_possible: false}}'
    exit 2
}

# The task goes from standard input straight into jq: it may be larger than an argument or a variable of a program.
name=$(jq -r 'if (.params | type) == "object" then .params.name | strings else empty end') \
    || refuse BadTask "the task is no JSON"
[[ $name =~ [^[:space:]] ]] || refuse BadParams "params.name must be a text that is not empty"

echo "greeting $name" >&2 # standard error is the log
jq -cn --arg name "$name" '{success: true, result: {greeting: "Hello, \($name)!"}}'
