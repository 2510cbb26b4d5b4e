#!/bin/sh
# Runs one fuzzer over the kept inputs and on from there.
#
#   run.sh <program> <target> <folder> --runs <n>        begins anew, and does the same each time
#   run.sh <program> <target> <folder> --seconds <n>     goes on with what <folder> has gathered
#
# What it finds goes to <folder>/found/.
set -eu

program=$1 target=$2 folder=$3 how=$4 amount=$5
here=$(cd "$(dirname "$0")" && pwd)
gathered=$folder/corpus/$target
found=$folder/found
# Long enough to say all there is to say: shorter inputs are tried faster. What a recovery does with
# an input is so much that libFuzzer's bookkeeping about it is better kept simple.
case $target in
log_recovery) longest=128 entropic=0 ;;
snapshot_files) longest=160 entropic=0 ;;
members) longest=500 entropic=0 ;;
*) longest=1200 entropic=1 ;;
esac
# Where memory was allocated is seen when the input is tried again.
export ASAN_OPTIONS="malloc_context_size=1:quarantine_size_mb=4${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
mkdir -p "$found"
case $how in
--runs)
    rm -rf "$gathered"
    set -- -runs="$amount" -seed=1
    ;;
--seconds) set -- -max_total_time="$amount" ;;
*) exit 64 ;;
esac
mkdir -p "$gathered"
# The first folder is where libFuzzer puts what is new.
set -- "$@" "$gathered" "$here/corpus/$target"
[ ! -d "$here/regressions/$target" ] || set -- "$@" "$here/regressions/$target"
if [ -f "$here/dictionaries/$target.dict" ]; then
    set -- "$@" -dict="$here/dictionaries/$target.dict"
fi

if ! "$program" "$@" -max_len="$longest" -entropic="$entropic" -timeout=10 \
    -rss_limit_mb=1024 -malloc_limit_mb=64 -print_final_stats=1 -print_funcs=0 -verbosity=0 \
    -artifact_prefix="$found/$target-"; then
    cat >&2 <<END

The $target fuzzer found something: the input is in $found.
Repeat it with: $program $found/$target-<name>
Once it is understood, keep it as a file in tests/fuzz/regressions/$target/.
END
    exit 1
fi
