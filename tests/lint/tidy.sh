#!/bin/sh
# Usage: tidy.sh <build folder> [all]
#
# clang-tidy over every source file of a build, several at a time. A file that was clean, and that
# has not changed since - nor any header of ours that it includes, nor .clang-tidy - is not looked
# at again, unless 'all' is asked for.
set -eu
script=$(cd "$(dirname "$0")" && pwd)/tidy.sh
cd "$(dirname "$0")/../.."

# Looks at one file; started below, several at a time.
look_at() { # <work folder> <folder of compile commands> <how many there are> <source> <stamp>
    # The stamp gets the time before the look, so that an edit meanwhile is not lost.
    touch "$1/started.$$"
    status=0
    clang-tidy -p "$2" --quiet "$4" >"$1/out.$$" 2>"$1/err.$$" || status=$?
    echo . >>"$1/done"
    place="[$(wc -l <"$1/done")/$3]"
    if [ $status -eq 0 ]; then
        mv "$1/started.$$" "$5"
        echo "$place $4" >&2
    else
        { echo "$place $4: FINDINGS"; cat "$1/out.$$"; grep 'error:' "$1/err.$$"; } >&2
    fi
    return $status
}

if [ "$1" = --look-at ]; then
    shift
    look_at "$@" || exit 1
    exit 0
fi

build=$1
stamps=$build/tidy
mkdir -p "$stamps"
[ "${2:-}" != all ] || find "$stamps" -name '*.clean' -delete
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# How to compile each source by itself: then clang-tidy also sees who forgot to include something.
cmake --preset release -B "$build/singly" -DRAFTKV_SINGLY=ON >/dev/null

# "<source> <file it is made of>..." for each source: what the compiler noted at the last build.
# Where several were compiled as one, each is made of all that the one was.
ninja -C "$build" -t deps |
    awk -v root="$PWD/" '
        function note(i) {
            for (i = 1; i <= sources; ++i) line[source[i]] = source[i] files
            sources = 0
            files = ""
        }
        /^[^ ].*: #deps/ { note() }
        /^ / {
            file = $1
            if (file ~ /^\.\.\//) sub(/^(\.\.\/)+/, "", file)
            else if (index(file, root) == 1) file = substr(file, length(root) + 1)
            else next
            if (file ~ /\.cpp$/) source[++sources] = file
            files = files " " file
        }
        END { note(); for (name in line) print line[name] }' |
    grep -E '^(common|node|cli|tests)/' | sort >"$work/sources"

while read -r source parts; do
    stamp=$stamps/$(echo "$source" | tr / _).clean
    [ -f "$source" ] || continue # removed since the build
    # shellcheck disable=SC2086  # a list of names
    if [ ! -f "$stamp" ] ||
        [ -n "$(find .clang-tidy "$source" $parts -newer "$stamp" -print -quit 2>&1)" ]; then
        echo "$source $stamp"
    fi
done <"$work/sources" >"$work/changed"

total=$(wc -l <"$work/changed")
[ "$total" -gt 0 ] || exit 0
echo "clang-tidy: $total of $(wc -l <"$work/sources") files" >&2
xargs -P "$(nproc)" -L 1 "$script" --look-at "$work" "$build/singly" "$total" <"$work/changed"
