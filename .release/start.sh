#!/bin/sh
# ws9tui @VERSION@ for @SYSTEM@ @MACHINE@: the program with its own Python and C library, in one file.
#
# The first start unpacks it into a folder of its own, which later starts use; a new release has another folder, and
# folders that nobody uses any more are removed when one is made. Nothing runs from a folder for temporary files unless
# there is no other. Needs a shell, and of the core utilities mkdir, rm, head and tail.

# shellcheck disable=SC3013 # -O is no POSIX, and known to dash, bash, ksh, zsh and BusyBox
set -eu

fail() {
    printf 'ws9tui: %s\n' "$*" >&2
    exit 3
}

# Names the folder that may hold programs, best first: one that no cleaner of temporary files empties.
places() {
    case ${WS9TUI_UNPACK_DIR:-} in
        '') ;;
        /*) printf '%s\n' "$WS9TUI_UNPACK_DIR" && return ;;
        *) printf '%s\n' "$PWD/$WS9TUI_UNPACK_DIR" && return ;;
    esac
    if [ "$user" = 0 ]; then
        printf '%s\n' /var/lib/ws9tui-program /opt/ws9tui-program
    fi
    # Under sudo it may be another user's, who could put a folder of his own in the place of ours.
    home=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
    if [ -O "${home%/*}" ]; then
        printf '%s\n' "$home/ws9tui-program"
    fi
    # Others may write there: the name is ours alone, and what was made by another is not used.
    for shared in /var/tmp "/run/user/$user" "${TMPDIR:-/tmp}" /tmp /dev/shm; do
        case $shared in
            /*) printf '%s\n' "$shared/ws9tui-program-$user" ;;
        esac
    done
}

# Tells whether nobody else can have put something there: a folder, not a link, made by this user.
ours() {
    [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]
}

# Writes the next bytes of this file: SIZE bytes from OFFSET on.
part() {
    tail -c "+$(($1 + 1))" -- "$self" | head -c "$2"
}

unpack() {
    # A folder of this name that is there was not made by us.
    mkdir -- "$new" "$new/bin" "$new/lib" "$new/lib/@LIBRARY@" "$new/lib/@LIBRARY@/lib-dynload" || exit 1
    offset=$((@START@))
    while read -r size name; do
        part "$offset" "$size" >"$new/$name" || return 1
        offset=$((offset + size))
    done <<PARTS
@PARTS@
PARTS
    chmod 0700 -- "$new/@LOADER@" "$new/@PYTHON@"
    "$new/@LOADER@" --library-path "$new/lib" "$new/@PYTHON@" -I -S -W ignore -c '@UNPACK@' \
        "$self" "$offset" "$new" "$1/@NAME@-$boot"
}

main() {
    case $0 in
        */*) self=$0 ;;
        *) self=$(command -v -- "$0") || fail "cannot find the file of this program: start it by its path" ;;
    esac
    if [ "$(uname -s)" != @SYSTEM@ ] || [ "$(uname -m)" != @MACHINE@ ]; then
        fail "this file is for @SYSTEM@ on @MACHINE@; here is $(uname -s) on $(uname -m). Nothing has been changed."
    fi
    user=$(id -u)
    mask=$(umask)
    umask 077
    # A program that was unpacked before a crash or a power failure may be incomplete: each boot has a folder of its own.
    boot=none
    if [ -r /proc/sys/kernel/random/boot_id ]; then
        read -r boot </proc/sys/kernel/random/boot_id
        boot=${boot%%-*}
    fi
    tried=
    while read -r place <&3; do
        folder=$place/@NAME@-$boot
        if ours "$place" && ours "$folder" && "$folder/@LOADER@" --version >/dev/null 2>&1; then
            start "$folder" "$@"
        fi
    done 3<<PLACES
$(places)
PLACES
    size=$((@SIZE@))
    if [ "$(wc -c <"$self")" -ne "$size" ]; then
        fail "this file is not complete: it must have $size bytes. Download it again. Nothing has been changed."
    fi
    while read -r place <&3; do
        mkdir -p -- "$place" 2>/dev/null || true
        if ! ours "$place"; then
            tried="$tried
  $place: cannot be made, or belongs to another user"
            continue
        fi
        new=$place/new-$$
        trap 'rm -rf -- "$new"; exit 130' INT TERM HUP
        if why=$(unpack "$place" 2>&1); then
            start "$place/@NAME@-$boot" "$@"
        else
            rm -rf -- "$new"
            rmdir -- "$place" 2>/dev/null || true
            tried="$tried
  $place: $(printf '%s\n' "$why" | tail -n 1)"
        fi
        trap - INT TERM HUP
    done 3<<PLACES
$(places)
PLACES
    fail "found no folder to unpack the program into: one is needed that this user can write, that may hold programs
(not mounted with noexec), with @ROOM@ MB free. Tried:$tried
Name one: WS9TUI_UNPACK_DIR=FOLDER $0. Nothing has been changed."
}

start() {
    folder=$1
    shift
    umask "$mask"
    exec "$folder/bin/python" -P -c '@BOOT@' "$self" "$@" 3<&-
}

main "$@"
exit
