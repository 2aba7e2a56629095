#!/usr/bin/env bash
# The demo: set up, build, queue a task for each text and worker, run them all, show what was stored.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

quickstart=$project/Examples/quickstart
configuration=$quickstart/workerhost.yaml
database=$quickstart/state/ideas.sqlite
started=$(now)

# The output names files by their place in the project.
relative() {
    local text
    text=$("$@")
    printf '%s\n' "${text//"$project/"/}"
}

heading "Set-up (minutes the first time, seconds later)"
"$project/scripts/setup.sh" --python
cd "$project"
step "Building workerhost (release)" build_release
workerhost=$(build_release --show-bin-path)/workerhost
"$project/scripts/venvs.sh"
python=$("$project/scripts/find-python.sh")

heading "Tasks"
mkdir -p "$quickstart/state"
step "Checking the configuration" "$workerhost" validate --config "$configuration"
"$python" "$quickstart/list_texts.py" >"$quickstart/state/tasks.jsonl"
count=$(wc -l <"$quickstart/state/tasks.jsonl")
step "Submitting $((count)) tasks, two for each text" \
    "$workerhost" submit --config "$configuration" "$quickstart/state/tasks.jsonl"

heading "workerhost run --until-idle"
run_started=$(now)
if ! "$workerhost" run --config "$configuration" --until-idle; then
    "$workerhost" status --config "$configuration"
    fail "some tasks failed; which and why: $workerhost tasks --config $configuration"
fi

heading "workerhost status"
relative "$workerhost" status --config "$configuration"

heading "What the workers stored in Examples/quickstart/state/ideas.sqlite"
"$python" "$quickstart/show_results.py" "$database" --since "$((run_started / 1000000))"

heading "One worker (Examples/modes) in three modes"
"$project/scripts/demo-modes.sh" "$workerhost" "$python"

heading "Done in $(elapsed "$started") s"
cat <<EOF
Run it again: the rows are updated, not doubled. To see what the host knows of each task:

    export PATH="\$PWD/.build/release:\$PATH" WORKERHOST_CONFIG=Examples/quickstart/workerhost.yaml
    workerhost tasks
    workerhost explain 1
EOF
