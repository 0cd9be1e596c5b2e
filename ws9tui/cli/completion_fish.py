"""The fish completion script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ws9tui.cli.completion import Completed, Flag, Value, filled

_SCRIPT = r"""# Completions of ws9tui for fish.

function __ws9tui_command
    set -l words (commandline -opc)
    if contains -- "$words[2]" @NAMES@
        echo $words[2]
    else
        echo @WIZARD@
    end
end

function __ws9tui_is
    test (__ws9tui_command) = $argv[1]
end

function __ws9tui_first
    test (count (commandline -opc)) -eq 1
end

function __ws9tui_services
    ws9tui completion services -- (commandline -opc)[2..-1] 2>/dev/null
end

complete -c ws9tui -f
@COMMANDS@
@FLAGS@
"""
_KINDS = {
    "folders": "(__fish_complete_directories)",
    "projects": "(ws9tui completion projects 2>/dev/null)",
    "services": "(__ws9tui_services)",
}


def script(everything: Sequence[Completed]) -> str:
    """Returns the script that fish sources."""
    parts = {
        "WIZARD": everything[0].name,
        "NAMES": " ".join(one.name for one in everything[1:]),
        "COMMANDS": "\n".join(
            f"complete -c ws9tui -n __ws9tui_first -a {one.name} -d {_quoted(one.text)}" for one in everything[1:]
        ),
        "FLAGS": "\n".join(line for one in everything for line in _of_command(one)),
    }
    return filled(_SCRIPT, parts)


def _of_command(one: Completed) -> Iterator[str]:
    start = f"complete -c ws9tui -n '__ws9tui_is {one.name}'"
    if one.value != Value():
        yield f"{start} {_values(one.value)}"
    for flag in one.flags:
        yield f"{start} {_names(flag)}{_after(flag)} -d {_quoted(flag.text)}"


def _names(flag: Flag) -> str:
    return " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names)


def _after(flag: Flag) -> str:
    """Returns the options that complete a flag's value."""
    if flag.value is None:
        return ""
    return f" -r {_values(flag.value)}" if "files" in flag.value.kinds else f" -x {_values(flag.value)}".rstrip()


def _values(value: Value) -> str:
    if value.words:
        return f"-a {_quoted(' '.join(value.words))}"
    asked = [_KINDS[kind] for kind in value.kinds if kind in _KINDS]
    files = "-F" if "files" in value.kinds else ""
    return " ".join(part for part in (files, f"-a {_quoted(' '.join(asked))}" if asked else "") if part)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
