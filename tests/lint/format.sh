#!/bin/sh
# Lays out every C++ file as .clang-format says; with --check only says which are not.
set -eu
cd "$(dirname "$0")/../.."

action=-i
[ "${1:-}" != --check ] || action='--dry-run -Werror'
# shellcheck disable=SC2086  # two words
find common node cli tests -name '*.[ch]pp' -print0 |
    xargs -0 -n 16 -P "$(nproc)" clang-format --style=file $action
