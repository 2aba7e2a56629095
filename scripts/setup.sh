#!/usr/bin/env bash
# Installs what the build needs and this machine lacks. Asks apt for nothing that is there already.
# With --python also what the examples' virtualenvs need, with --workers the languages of the examples' other workers.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_python=no
need_workers=no
for option in "$@"; do
    case $option in
        --python) need_python=yes ;;
        --workers) need_workers=yes ;;
        *) fail "unknown option $option; there are --python and --workers" ;;
    esac
done

missing=()

has_file() {
    local path
    for path in "$@"; do
        [[ ! -e $path ]] || return 0
    done
    return 1
}

find_missing() {
    missing=()
    command -v git >/dev/null || missing+=(git)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    # The linker, the C library's and the C++ library's development files: g++ brings all three.
    if ! command -v ld >/dev/null || ! has_file /usr/include/stdlib.h \
        || ! has_file /usr/lib/gcc/*/*/libstdc++.so /usr/lib64/libstdc++.so /usr/lib/libstdc++.so; then
        missing+=(g++)
    fi
    has_file /usr/include/sqlite3.h /usr/local/include/sqlite3.h || missing+=(libsqlite3-dev)
    has_file /usr/include/curl/curl.h /usr/include/*/curl/curl.h /usr/local/include/curl/curl.h \
        || missing+=(libcurl4-openssl-dev)
    if [[ $need_python == yes ]] && ! "$project/scripts/find-python.sh" >/dev/null 2>&1; then
        missing+=(python3 python3-venv)
    fi
    if [[ $need_workers == yes ]]; then
        command -v jq >/dev/null || missing+=(jq)
        command -v node >/dev/null || missing+=(nodejs)
    fi
}

install_missing() {
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            if [[ ! -t 0 ]] || ! command -v sudo >/dev/null; then
                fail "these packages are missing: ${missing[*]}
Installing them needs root. Run: sudo apt-get install ${missing[*]}"
            fi
            echo "These packages are missing: ${missing[*]}; sudo may ask for your password."
            sudo -v
        fi
        as_root=(sudo)
    fi
    step "Package lists" "${as_root[@]}" apt-get update
    step "Installing ${missing[*]}" \
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
}

command -v swift >/dev/null || fail "there is no swift in PATH. WorkerHost needs Swift 6.2 or newer: https://www.swift.org/install/linux/"

find_missing
if [[ ${#missing[@]} -gt 0 ]]; then
    command -v apt-get >/dev/null \
        || fail "these are missing: ${missing[*]} (Debian's names; there is no apt-get here). Install them and try again."
    install_missing
    find_missing
    [[ ${#missing[@]} -eq 0 ]] || fail "still missing after installing: ${missing[*]}"
fi
