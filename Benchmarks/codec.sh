#!/usr/bin/env bash
# Compiles the host's wire code with the benchmark into one optimised program, and runs it: codec.sh [DOCUMENT…]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

core=Sources/WorkerHostCore
sources=("$core"/Tasks/{RawJSON,TaskResult,Timestamp,WorkerTask}.swift "$core/Security/JSONPointer.swift")
while IFS= read -r -d '' file; do
    sources+=("$file")
done < <(find "$core/Wire" Benchmarks/codec -name '*.swift' -print0)

mkdir -p Benchmarks/.build-bench
swiftc -O -whole-module-optimization -swift-version 6 -warnings-as-errors -module-name codec \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
    -o Benchmarks/.build-bench/codec "${sources[@]}"
exec Benchmarks/.build-bench/codec "$@"
