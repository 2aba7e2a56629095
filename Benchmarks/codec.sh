#!/usr/bin/env bash
# Compiles the host's wire code with the benchmark into one optimised program, and runs it: codec.sh [DOCUMENT…]
# codec.sh --check only looks whether it compiles.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

core=Sources/WorkerHostCore
sources=("$core"/Tasks/{RawJSON,TaskResult,Timestamp,WorkerTask}.swift "$core/Security/JSONPointer.swift")
while IFS= read -r -d '' file; do
    sources+=("$file")
done < <(find "$core/Wire" Benchmarks/codec -name '*.swift' ! -name 'Pool*.swift' -print0)

compile() {
    swiftc -swift-version 6 -warnings-as-errors -module-name codec -package-name workerhost \
        -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility "$@" "${sources[@]}"
}

if [[ ${1-} == --check ]]; then
    compile -typecheck
    exit
fi
mkdir -p Benchmarks/.build-bench
compile -O -whole-module-optimization -o Benchmarks/.build-bench/codec
exec Benchmarks/.build-bench/codec "$@"
