#!/usr/bin/env bash
# Builds the workerhost program as it is shipped and prints where it is.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$project/scripts/setup.sh"
cd "$project"
step "Building workerhost (release)" build_release
printf '%s\n' "$(build_release --show-bin-path)/workerhost"
