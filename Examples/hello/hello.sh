#!/usr/bin/env bash
# The same worker in bash: any program that reads JSON on stdin and writes JSON on stdout can be a worker.
# It takes the name out of the task with sed, which is good enough for an example; use jq in earnest.
set -euo pipefail

task=$(cat)
name=$(sed -nE 's/.*"params":[^}]*"name": *"([^"\\]*)".*/\1/p' <<<"$task")

if [[ -z $name ]]; then
    echo '{"success":false,"error":{"type":"BadParams","message":"params.name must be a text","retry_possible":false}}'
    exit 2
fi
echo "greeting $name" >&2 # stderr is the worker's log
printf '{"success":true,"result":{"greeting":"Hello, %s!","letters":%d}}\n' "$name" "${#name}"
