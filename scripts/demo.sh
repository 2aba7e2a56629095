#!/usr/bin/env bash
# The demo: set up, build, queue a task for each text and worker, run them all, show what was stored.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

quickstart=$project/Examples/quickstart
configuration=$quickstart/workerhost.yaml
database=$quickstart/state/ideas.sqlite
started=$(now)

"$project/scripts/setup.sh" --python
cd "$project"
step "Building workerhost (release)" swift build "${release_flags[@]}"
workerhost=$(swift build "${release_flags[@]}" --show-bin-path)/workerhost
"$project/scripts/venvs.sh"
python=$("$project/scripts/find-python.sh")

mkdir -p "$quickstart/state"
step "Checking the configuration" "$workerhost" validate --config "$configuration"
"$python" "$quickstart/list_texts.py" >"$quickstart/state/tasks.jsonl"
count=$(wc -l <"$quickstart/state/tasks.jsonl")
step "Submitting $((count)) tasks" "$workerhost" submit --config "$configuration" "$quickstart/state/tasks.jsonl"

heading "workerhost run --until-idle"
run_started=$(now)
if ! "$workerhost" run --config "$configuration" --until-idle; then
    "$workerhost" status --config "$configuration"
    fail "some tasks failed; which and why: $workerhost tasks --config $configuration"
fi
printf 'All tasks done in %s s\n' "$(elapsed "$run_started")"

heading "workerhost status"
"$workerhost" status --config "$configuration"

heading "What the workers stored in Examples/quickstart/state/ideas.sqlite"
"$python" "$quickstart/show_results.py" "$database" --since "$((run_started / 1000000))"

printf '\nDemo finished in %s s. Run it again: the rows are updated, not doubled.\n' "$(elapsed "$started")"
