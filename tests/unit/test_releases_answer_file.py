"""Files of answers: what can stand in one, what is refused with its line, and that what is written can be read."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.told import facts
from ws9tui.core.journal.events import InstallSettled
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release, Setting
from ws9tui.core.releases import answer_file, install
from ws9tui.errors import Ws9tuiError


def read(folder: Path, text: str) -> InstallSettled:
    file = folder / "answers.yml"
    file.write_text(text)
    return answer_file.read(file)


def test_everything_that_can_stand_in_it(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "source: websoft9\nversion: 2.2\nchannel: rc\nsite: https://mirror.test/\n"
        f"checksum: {'a' * 64}\nfolder: there\nproject: w\nsettings: {{CONSOLE_PORT: 9090}}\nfrom: [a.tar, /b]\n",
    )
    assert found == InstallSettled(
        source="websoft9",
        version="2.2",
        channel="rc",
        site="https://mirror.test/",
        checksum="a" * 64,
        folder=str(tmp_path / "there"),
        project="w",
        settings={"CONSOLE_PORT": "9090"},
        archives=(str(tmp_path / "a.tar"), "/b"),
    )


def test_a_relative_source_is_meant_from_the_files_folder(tmp_path: Path) -> None:
    assert read(tmp_path, "source: ./x.zip\n").source == str(tmp_path / "x.zip")
    (tmp_path / "y.zip").touch()
    assert read(tmp_path, "source: y.zip\n").source == str(tmp_path / "y.zip")
    assert read(tmp_path, "source: ~nobody2/y.zip\n").source == str(tmp_path / "~nobody2" / "y.zip")
    assert read(tmp_path, "source: https://x.test/y.zip\n").source == "https://x.test/y.zip"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "answers"),
        ("- source\n", 1, "answers"),
        ("source: websoft9\nprot: 1\n", 2, "'prot' is not known"),
        ("source: [a]\n", 1, "source must be one text"),
        ("source: websoft9\nchannel: beta\n", 2, "'beta' is not a channel"),
        ("checksum: abc\n", 1, "SHA-256"),
        ("version: yes\n", 1, "version must be one text"),
        ("version:\n", 1, "version must be one text"),
        ("settings: [A=1]\n", 1, "NAME: value"),
        ("settings:\n  A: {b: c}\n", 2, "A must be one text"),
        ("settings:\n  A: 1\n  A: 2\n", 3, "twice"),
        ("source: a/b\nsource: c/d\n", 2, "twice"),
        ("from: images.tar\n", 1, "list"),
        ("source: 'a\n", 2, ""),
        ("a: &x [*x]\n", 1, ""),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(Ws9tuiError) as raised:
        read(tmp_path, text)
    problem = raised.value.problem
    assert problem.code == "answers-invalid"
    assert (problem.facts["file"], problem.facts["line"]) == (str(tmp_path / "answers.yml"), str(line))
    assert said in facts(problem)["reason"]


def test_a_file_that_is_not_there_and_a_password(tmp_path: Path) -> None:
    with pytest.raises(Ws9tuiError, match="answers-invalid"):
        answer_file.read(tmp_path / "nothing.yml")
    with pytest.raises(Ws9tuiError, match="source-credentials"):
        read(tmp_path, "source: https://me:pw@x.test/y.zip\n")


_WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1).filter(str.isprintable)


@given(st.dictionaries(st.from_regex(r"[A-Z_]{1,12}", fullmatch=True), _WORDS, max_size=4), _WORDS)
def test_what_is_written_can_be_read(settings: dict[str, str], version: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.yml")
        given_ = InstallSettled(
            source="/srv/release", version=version, project="w", settings=settings, archives=("/srv/images",)
        )
        answer_file.write(path, given_)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert answer_file.read(path) == given_
        with pytest.raises(Ws9tuiError, match="answers-exist"):
            answer_file.write(path, given_)


def test_no_secret_is_among_the_answers() -> None:
    settings = (Setting("CONSOLE_PORT", "9000", "port"), Setting("DB_PASSWORD", "x", "text"))
    release = Release(
        "w",
        "/w",
        "1",
        "release",
        candidate=False,
        verified=True,
        compose_file="c.yml",
        compose=b"",
        env=b"",
        settings=settings,
    )
    options = Options(values={"DB_PASSWORD": "s3cret"}, channel="rc")
    settled = install.settled(options, "w@1", "w", release, "/w")
    assert settled.settings == {"CONSOLE_PORT": "9000"}
    assert (settled.source, settled.version, settled.channel) == ("w", "1", "rc")


def test_flags_win_over_the_file() -> None:
    given_ = InstallSettled(
        source="websoft9", version="2.2.17", folder="/a", project="a", settings={"A": "1", "B": "2"}, archives=("/x",)
    )
    filled = answer_file.fill(Options(folder="/b", values={"B": "3"}), given_)
    assert filled == Options(
        arguments=("websoft9",),
        release_version="2.2.17",
        folder="/b",
        project_name="a",
        values={"A": "1", "B": "3"},
        archives=("/x",),
    )
    assert answer_file.fill(Options(arguments=("/zip",)), given_).release_version == ""
