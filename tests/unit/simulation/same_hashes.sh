#!/bin/sh
# same_hashes.sh <program> <program> <name>: whether both, built by different compilers, print the
# same. What they print is kept in <name>.one and <name>.other.
set -eu
"$1" >"$3.one"
"$2" >"$3.other"
cmp "$3.one" "$3.other"
grep -c passed "$3.one"
