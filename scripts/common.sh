# shellcheck shell=bash
# Sourced by the other scripts: where things are, and one line for each step.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log_folder=$project/.build-logs
mkdir -p "$log_folder"

# The program as it is shipped: the Swift runtime is linked into it, so it needs none on the machine and idles in less
# memory. The linker's warnings about mktemp and the like come from that runtime.
build_release() { build_release_of workerhost "$@"; }

# build_release_of PRODUCT [OPTION...]
build_release_of() { swift build -c release --static-swift-stdlib --product "$@"; }

fail() {
    printf '%s\n' "error: $*" >&2
    exit 1
}

# Microseconds since 1970; the shell's own clock, so that it starts nothing. The locale may put a comma in it.
now() { printf '%s' "${EPOCHREALTIME//[.,]/}"; }

# elapsed SINCE: seconds with one decimal
elapsed() {
    local tenths=$((($(now) - $1) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

# step LABEL COMMAND...: runs it quietly; one line with the time it took, or its last words and where all of them are.
step() {
    local label=$1 started log
    shift
    started=$(now)
    log=$log_folder/$(tr -cs '[:alnum:]' '-' <<<"$label" | sed 's/^-*//; s/-*$//').log
    printf '%-50s' "$label"
    if "$@" >"$log" 2>&1; then
        printf '%8s s\n' "$(elapsed "$started")"
    else
        local code=$?
        printf '  failed after %s s (exit code %d)\n' "$(elapsed "$started")" "$code" >&2
        printf '%s\n' '----' >&2
        tail -n 40 "$log" >&2
        printf '%s\n' '----' "All of it: $log" >&2
        exit 1
    fi
}

# heading TEXT: what follows prints for itself
heading() { printf '\n== %s\n' "$*"; }
