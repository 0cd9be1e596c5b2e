from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from ws9tui import __version__
from ws9tui.cli import arguments
from ws9tui.cli import help as help_page
from ws9tui.cli.arguments import COMMANDS, WIZARD, Command
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import EXIT_STATUS, Verb
from ws9tui.errors import UsageError
from ws9tui.websoft9.contract import COMMAND, CommandLine
from ws9tui.words import command_examples, command_help


def test_without_a_subcommand_it_is_the_wizard() -> None:
    assert arguments.parse([]) == Command(WIZARD, Options())
    assert arguments.parse(["websoft9", "--plain"]) == Command(WIZARD, Options(arguments=("websoft9",)), plain=True)
    assert arguments.parse([]).verb is Verb.WIZARD


def test_flags_stand_in_any_order_among_the_arguments() -> None:
    orders = (
        ["update", "shop", "web=1.9", "--yes", "--monitor", "1m30s", "-f", "a.yml", "-f", "b.yml"],
        ["update", "--yes", "shop", "-f", "a.yml", "--monitor", "90", "-f", "b.yml", "web=1.9"],
        ["update", "-f", "a.yml", "shop", "--monitor=90s", "web=1.9", "-f", "b.yml", "--yes"],
    )
    options = Options(arguments=("shop", "web=1.9"), files=("a.yml", "b.yml"), assume_yes=True, monitor=90.0)
    assert [arguments.parse(order).options for order in orders] == [options] * 3


def test_all_flags_of_the_contract() -> None:
    typed = """update shop -f c.yml -p shop --profile x --profile y --env-file e.env --yes --json
        --expect web=1.9 --expect db=16.4
        --accept web:signature --accept my:db:scan --pull-timeout 10m --stall-timeout 45s --monitor 1h
        --on-failure hold --notify https://h.example/x --notify tell --confirm-within 90s --state-dir /var/tmp/s"""
    command = arguments.parse(typed.split())
    assert command == Command(
        "update",
        Options(
            arguments=("shop",),
            files=("c.yml",),
            project_name="shop",
            profiles=("x", "y"),
            env_files=("e.env",),
            expect={"web": "1.9", "db": "16.4"},
            accept=("web:signature", "my:db:scan"),
            assume_yes=True,
            notify=("https://h.example/x", "tell"),
            pull_timeout=600.0,
            stall_timeout=45.0,
            monitor=3600.0,
            on_failure="hold",
            confirm_within=90.0,
        ),
        json=True,
        state_dir=Path("/var/tmp/s"),
    )


def test_the_other_subcommands() -> None:
    assert arguments.parse(["install", "./x.zip", "--plan"]).options == Options(arguments=("./x.zip",), plan_only=True)
    assert arguments.parse(["rollback", "--to", "3", "shop"]).options == Options(arguments=("shop",), to=3)
    assert arguments.parse(["rollback"]).options == Options()
    assert arguments.parse(["recover", "shop", "--to", "3"]).options == Options(arguments=("shop",), to=3)
    assert arguments.parse(["adopt", "shop"]).verb is Verb.ADOPT
    assert arguments.parse(["recover", "shop", "--back"]).options == Options(arguments=("shop",), recover="back")
    assert arguments.parse(["attach", "shop"]).name == "attach"
    assert arguments.parse(["history", "shop", "12", "--json"]).options.arguments == ("shop", "12")
    assert arguments.parse(["doctor", "-p", "shop"]).options == Options(project_name="shop")
    assert arguments.parse(["demo", "--speed", "10", "websoft9"]) == Command(
        "demo", Options(arguments=("websoft9",)), speed=10.0
    )
    assert arguments.parse(["demo", "--list"]).listing


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("update --nope", "--nope"),
        ("update --monitor soon", "'soon' is not a duration"),
        ("update --pull-timeout 0", "longer than zero"),
        ("update --confirm-within 0", "longer than zero"),
        ("update --on-failure explode", "explode"),
        ("update --expect web", "SERVICE=VERSION"),
        ("update --expect =1", "SERVICE=VERSION"),
        ("update --expect web=sha256:12", "64 hexadecimal digits"),
        ("update --accept web", "SERVICE:CHECK"),
        ("update --accept :scan", "SERVICE:CHECK"),
        ("update --accept web:digest", "signature, scan, path"),
        ("update --expect web=1 --expect web=2", "twice"),
        ("update --plan --yes", "not allowed with argument --plan; see"),
        ("update --yess", "(did you mean --yes?)"),
        ("update --plain --json", "not allowed with"),
        ("update --mon 5s", "--mon"),
        ("install a b", "b"),
        ("rollback --to latest", "not a generation number"),
        ("rollback --to -1", "--to"),
        ("recover --to 3 --back", "not allowed with"),
        ("adopt --yes", "--yes"),
        ("recover --data", "--to N"),
        ("rollback a b", "b"),
        ("recover --back --forward", "not allowed with"),
        ("history a 1 2", "history takes"),
        ("demo --speed 0", "number from 0.1"),
        ("demo --state-dir x", "--state-dir"),
        ("--state-dir /x update", "flags go after the subcommand"),
        ("update --state-dir=", "empty"),
        ("update --monitor \x1b[31mred", "'red' is not a duration"),
    ],
)
def test_what_cannot_be_understood_is_said_in_one_line(typed: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        arguments.parse(typed.split(" "))
    said = caught.value.problem.facts["reason"]
    assert reason in said
    assert said.isprintable()


def test_a_misspelled_command_is_told_in_a_folder_that_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    closed(tmp_path)
    assert arguments.command_near(["updaet"]) == "update"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_tells_the_truth(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for typed in ([*filter(None, [name]), "--help"], ["help", *filter(None, [name])]):
        with pytest.raises(SystemExit) as caught:
            arguments.parse(typed)
        assert caught.value.code == 0
        shown = capsys.readouterr().out
        assert " ".join(shown.split()).startswith(" ".join(f"usage: {command_help.usage(name or WIZARD)}".split()))
        assert "\nexamples:\n" in shown
        assert max(map(len, shown.splitlines())) <= 80
        assert "%" not in shown
        for action in arguments.parser_of(name or WIZARD)._actions:
            assert help_page.term(action) in shown
            assert (action.help or "").replace("%%", "%") in " ".join(shown.split()).replace(" " * 2, " ")


def test_every_flag_is_for_a_field() -> None:
    """They are put together by name: what had none would be typed in vain."""
    for name in (WIZARD, *COMMANDS):
        fields = CommandLine.__struct_fields__ if name == COMMAND else ()
        known = {*fields, *Options.__struct_fields__, *Command.__struct_fields__, "lang", "help", "version"}
        assert {action.dest for action in arguments.parser_of(name)._actions} <= known, name


@pytest.mark.parametrize("columns", [40, 60, 100, 200])
def test_help_fits_any_terminal(columns: int) -> None:
    for name in (WIZARD, *COMMANDS):
        told = help_page.page(name, arguments.parser_of(name))
        whole = {term for section in told.sections for term, _ in section.rows}  # they can be copied
        lines = help_page.plain(told, columns).splitlines()
        assert [line for line in lines if len(line) > columns and line.strip() not in whole] == []


def test_a_flag_shows_its_values() -> None:
    parser = argparse.ArgumentParser()
    for added, shown in (
        (parser.add_argument("--diff", nargs=2, metavar=("N", "M")), "--diff N M"),
        (parser.add_argument("--from", nargs="+", metavar="ARCHIVE"), "--from ARCHIVE…"),
        (parser.add_argument("--site"), "--site SITE"),
        (parser.add_argument("-q", "--quick", action="store_true"), "-q, --quick"),
        (parser.add_argument("--on", choices=("a", "b")), "--on a|b"),
    ):
        assert help_page.term(added) == shown


def test_a_command_has_all_its_words() -> None:
    for name in (WIZARD, *COMMANDS):
        told = help_page.page(name, arguments.parser_of(name))
        assert told.usage
        assert told.about
    assert set(command_help.commands()) == {*COMMANDS, arguments.HELP}


def test_flags_stand_in_groups() -> None:
    told = help_page.page("update", arguments.parser_of("update"))
    titles = [section.title for section in told.sections]
    for title in ("project, as in Compose", "versions", "pull", "trust", "decisions", "data", "watch", "output"):
        assert title in titles
    (pull,) = (section for section in told.sections if section.title == "pull")
    assert pull.rows[0][0] == "--from ARCHIVE…"


def test_examples_in_the_help_are_understood() -> None:
    """Every example that begins with 'ws9tui' is a command that parses."""
    tried = 0
    for command in (WIZARD, *COMMANDS):
        for typed, _ in command_examples.examples(command):
            if typed.startswith("ws9tui"):
                arguments.parse(typed.split(" | ")[0].split(" >")[0].split()[1:])
                tried += 1
    assert tried > 15


def test_the_exit_statuses_are_those_of_the_contract() -> None:
    listed = {int(status) for status, _ in command_examples.exits("update")}
    assert set(EXIT_STATUS.values()) <= listed


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        arguments.parse(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"ws9tui {__version__}\n"


@pytest.mark.parametrize("name", ["update", "install", "rollback", "recover"])
def test_archives_are_files_and_folders_by_their_absolute_paths(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker stands elsewhere."""
    monkeypatch.chdir(tmp_path)
    found = arguments.parse([name, "shop", "--from", "a.tar", "images/", "--yes", "--from", "/b.tar.gz"]).options
    assert found.archives == (str(tmp_path / "a.tar"), str(tmp_path / "images"), "/b.tar.gz")
    assert found.arguments == ("shop",)
    with pytest.raises(UsageError):
        arguments.parse([name, "shop", "--from"])


def test_a_bundle_says_where_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = arguments.parse(["bundle", "shop", "web=2.4", "-o", "shop.tar", "--overwrite", "--images-only"])
    assert (found.verb, found.options.arguments) == (Verb.BUNDLE, ("shop", "web=2.4"))
    assert found.options.output == str(tmp_path / "shop.tar")
    assert (found.options.overwrite, found.options.images_only) == (True, True)
    assert arguments.parse(["bundle", "shop", "--plan"]).options.output == ""
    with pytest.raises(UsageError, match="-o FILE is missing"):
        arguments.parse(["bundle", "shop"])
