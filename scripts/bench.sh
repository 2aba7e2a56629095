#!/usr/bin/env bash
# The bare limit of a oneshot task on this machine, one and two at a time: what the host is measured against.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tasks=${1:-3000}
step "Building the C programs" "$project/Benchmarks/build.sh"
built=$project/Benchmarks/.build-bench
for at_once in 1 2; do
    "$built/bare_oneshot" "$tasks" "$at_once" "$built/trivial_worker"
done
