#!/usr/bin/env bash
# Formats all Swift files; with --check only tells what is not formatted.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$project"

places=(Package.swift)
for folder in Sources Tests Examples Benchmarks; do
    # Not the checkouts of nested packages.
    while IFS= read -r -d '' file; do
        places+=("$file")
    done < <(find "$folder" -name '.*' -prune -o -name '*.swift' -type f -print0)
done

case ${1:-} in
    --check) swift format lint --strict --parallel "${places[@]}" ;;
    '') swift format format --in-place --parallel "${places[@]}" ;;
    *) fail "usage: scripts/format.sh [--check]" ;;
esac
