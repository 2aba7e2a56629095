#!/usr/bin/env bash
# Removes what was built, the virtualenvs and the examples' state.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$project"
rm -rf .build .build-* Benchmarks/.build* Examples/*/state Examples/quickstart/*/.venv
