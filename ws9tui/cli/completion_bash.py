"""The bash completion script, which needs no bash-completion package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ws9tui.cli.completion import Completed, Value, filled

_SCRIPT = r"""# Completions of ws9tui for bash 4.4 and later.

_ws9tui_words() {
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_ws9tui_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$1" -- "$cur")
}

_ws9tui_add() {
    local kind
    for kind in $1; do
        case $kind in
            files) _ws9tui_files -f ;;
            folders) _ws9tui_files -d ;;
            projects) _ws9tui_words "$(ws9tui completion projects 2>/dev/null)" ;;
            services) _ws9tui_words "$(ws9tui completion services -- "${COMP_WORDS[@]:2:COMP_CWORD-2}" 2>/dev/null)" ;;
        esac
    done
}

_ws9tui() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=@WIZARD@
    COMPREPLY=()
    if [[ $cur == "=" ]]; then
        cur=
    elif [[ $prev == "=" && COMP_CWORD -gt 1 ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    if (( COMP_CWORD > 1 )); then
        case ${COMP_WORDS[1]} in
            @COMMANDS@) command=${COMP_WORDS[1]} ;;
        esac
    fi
    case $command:$prev in
@VALUES@
    esac
    if [[ $cur == -* ]]; then
        case $command in
@FLAGS@
        esac
        return
    fi
    case $command in
@ARGUMENTS@
    esac
    if (( COMP_CWORD == 1 )); then
        _ws9tui_words "@WORDS@"
    fi
}

complete -F _ws9tui ws9tui
"""


def script(everything: Sequence[Completed]) -> str:
    """Returns the script that bash sources."""
    names = [one.name for one in everything[1:]]
    parts = {
        "WIZARD": everything[0].name,
        "COMMANDS": "|".join(names),
        "WORDS": " ".join(names),
        "VALUES": "\n".join(_values(everything)),
        "FLAGS": "\n".join(
            f'            {one.name}) _ws9tui_words "{" ".join(name for flag in one.flags for name in flag.names)}" ;;'
            for one in everything
        ),
        "ARGUMENTS": "\n".join(f"        {one.name}) {_adds(one.value)} ;;" for one in everything),
    }
    return filled(_SCRIPT, parts)


def _values(everything: Sequence[Completed]) -> Iterator[str]:
    """Yields the cases that complete a flag's value; flags with the same values share one."""
    found: dict[Value, list[str]] = {}
    for one in everything:
        for flag in one.flags:
            if flag.value is not None:
                found.setdefault(flag.value, []).extend(f"{one.name}:{name}" for name in flag.names)
    for value, patterns in found.items():
        yield f"        {'|'.join(patterns)})"
        yield f"            {_adds(value)}"
        yield "            return ;;"


def _adds(value: Value) -> str:
    if value.words:
        return f'_ws9tui_words "{" ".join(value.words)}"'
    return f'_ws9tui_add "{" ".join(value.kinds)}"'
