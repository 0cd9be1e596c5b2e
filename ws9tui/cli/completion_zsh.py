"""The zsh completion script, based on `_arguments`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ws9tui.cli.completion import Completed, Flag, Value, filled

_SCRIPT = r"""#compdef ws9tui
# Completions of ws9tui for zsh.

_ws9tui_projects() {
    local -a found
    found=(${(f)"$(ws9tui completion projects 2>/dev/null)"})
    compadd -a found
}

_ws9tui_services() {
    local -a found
    found=(${(f)"$(ws9tui completion services -- ${words[2,CURRENT-1]} 2>/dev/null)"})
    compadd -a found
}

_ws9tui_any() {
    local kind
    for kind in "$@"; do
        case $kind in
            files) _files ;;
            folders) _files -/ ;;
            projects) _ws9tui_projects ;;
            services) _ws9tui_services ;;
        esac
    done
}

_ws9tui_commands() {
    local -a commands
    commands=(
@COMMANDS@
    )
    _describe command commands
}

_ws9tui() {
    local command=@WIZARD@
    if (( CURRENT > 2 )); then
        case $words[2] in
            @NAMES@)
                command=$words[2]
                shift words
                (( CURRENT-- ))
                ;;
        esac
    elif [[ $words[2] != -* ]]; then
        _ws9tui_commands
    fi
    case $command in
@CASES@
    esac
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _ws9tui "$@"
else
    compdef _ws9tui ws9tui
fi
"""


def script(everything: Sequence[Completed]) -> str:
    """Returns the script that zsh sources, or finds in its `fpath` as `_ws9tui`."""
    parts = {
        "WIZARD": everything[0].name,
        "COMMANDS": "\n".join(f"        {_quoted(_described(one.name, one.text))}" for one in everything[1:]),
        "NAMES": "|".join(one.name for one in everything[1:]),
        "CASES": "\n".join(line for one in everything for line in _case(one)),
    }
    return filled(_SCRIPT, parts)


def _case(one: Completed) -> Iterator[str]:
    yield f"        {one.name})"
    specs = [spec for flag in one.flags for spec in _specs(flag)]
    if one.value != Value():
        specs.append(f"*:{one.name}:{_action(one.value)}")
    yield "            _arguments -S \\"
    yield " \\\n".join(f"                {_quoted(spec)}" for spec in specs)
    yield "            ;;"


def _specs(flag: Flag) -> Iterator[str]:
    """Yields a flag's specifications for `_arguments`, one for each of its names."""
    excluded = " ".join((*(() if flag.repeatable else flag.names), *flag.without))
    for name in flag.names:
        before = ("*" if flag.repeatable else "") if not excluded else f"({excluded})"
        before += "*" if flag.repeatable and excluded else ""
        mark = "=" if flag.value is not None and name.startswith("--") else ""
        value = f":{_escaped(flag.named)}:{_action(flag.value)}" if flag.value is not None else ""
        yield f"{before}{name}{mark}[{_escaped(flag.text)}]{value}"


def _action(value: Value) -> str:
    if value.words:
        return f"({' '.join(value.words)})"
    return f"_ws9tui_any {' '.join(value.kinds)}" if value.kinds else " "


def _described(name: str, text: str) -> str:
    return f"{name}:{text.replace(':', chr(92) + ':')}"


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "[]:\\" else character for character in text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
