#!/usr/bin/env bash
# Compiles the C programs of the benchmarks into Benchmarks/.build-bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

compiler=${CC:-}
if [[ -z $compiler ]]; then
    for candidate in cc gcc clang; do
        if command -v "$candidate" >/dev/null; then
            compiler=$candidate
            break
        fi
    done
fi
if [[ -z $compiler ]]; then
    echo "Benchmarks/build.sh: no C compiler found (looked for cc, gcc, clang); set CC" >&2
    exit 2
fi

mkdir -p .build-bench
flags=(-std=c11 -O2 -Wall -Wextra -Werror)
"$compiler" "${flags[@]}" -o .build-bench/bare_oneshot bare_oneshot.c -pthread
"$compiler" "${flags[@]}" -o .build-bench/bare_pipeline bare_pipeline.c
"$compiler" "${flags[@]}" -D_POSIX_C_SOURCE=200809L -o .build-bench/bare_http bare_http.c -lcurl
# Static where the C library allows it: the dynamic loader would be a third of such a small program's life.
"$compiler" "${flags[@]}" -static -o .build-bench/trivial_worker trivial_worker.c 2>/dev/null \
    || "$compiler" "${flags[@]}" -o .build-bench/trivial_worker trivial_worker.c
