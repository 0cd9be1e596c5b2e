"""Whatever comes from outside is read, or refused as documented; nothing else is raised, and text stays harmless."""

from __future__ import annotations

import itertools
import json
import string
import tempfile
from collections.abc import Callable
from contextlib import closing
from functools import cmp_to_key
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from every_event import every_event
from ws9tui.adapters.compose import output
from ws9tui.adapters.engine import messages, records
from ws9tui.adapters.registry import errors as registry_errors
from ws9tui.core.compose import definition, envfile
from ws9tui.core.compose.settings import FILE_KEYS, SERVICE_KEYS
from ws9tui.core.images.progress import PullProgress
from ws9tui.core.journal import confidential, events
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.journal import JOURNAL, Reader
from ws9tui.core.model import codec, durations, reference, version
from ws9tui.core.model.masking import Mask
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError, RegistryError, UsageError
from ws9tui.problems.problem import KINDS, read
from ws9tui.problems.reasons import HelperFailed
from ws9tui.words import blocks, history, lines, outcome, panes, plan, problems, safety, text
from ws9tui.words.problems import WORDINGS
from ws9tui.words.template import gaps

pytestmark = pytest.mark.slow

DEEP = "[" * 5_000
settings.register_profile("fuzz", max_examples=50)
settings.load_profile("fuzz")
SECRET = "hunter2-hunter2"
CONTROLS = "\x1b\x9b\x9d\x90\x07\x9c[]0;31mPX^_\\\u202e\u2066\u200b\ufeff\u0301\ud800\t\n\r\x7f\x00\x85"
PIECES = ("[red]", "[/foo]", "\x1b]52;c;", "\x1b[2J", "\x1bPq", "\x9b31m", "漢", "e\u0301\u0301\u0301\u0301")
HOSTILE = st.lists(st.one_of(st.characters(), st.sampled_from([*CONTROLS, *PIECES])), max_size=60).map("".join)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), HOSTILE),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(HOSTILE, inner, max_size=4)),
    max_leaves=8,
)


def objects(*keys: str) -> st.SearchStrategy[dict[str, Any]]:
    """JSON objects that have some of these keys, with any values."""
    return st.dictionaries(st.one_of(st.sampled_from(keys), HOSTILE), JSON, max_size=8)


def assert_harmless(said: str, most: int = 0) -> None:
    assert said.isprintable(), repr(said)
    said.encode("utf-8")
    assert not most or len(said) <= most


# --- the journal -----------------------------------------------------------------------------------------------------

WHOLE = [events.encode(event) for event in every_event("[red]\x1b[2J")]


def damaged(line: bytes) -> st.SearchStrategy[bytes]:
    """An event's line, cut or with other bytes in it."""
    return st.builds(
        lambda at, length, put: line[:at] + put + line[at + length :],
        st.integers(0, len(line)),
        st.integers(0, len(line)),
        st.binary(max_size=20),
    )


@given(st.lists(st.one_of(st.sampled_from(WHOLE), st.sampled_from(WHOLE).flatmap(damaged), st.binary()), max_size=12))
@example([DEEP.encode(), b'{"type":"finished","x":' + DEEP.encode()])
@example([b'{"type":"worker-started","pid":1e999,"at":""}', b"\xff\xfe", b"{}"])
def test_a_journal_of_anything_is_read_and_folded(found: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name, JOURNAL).write_bytes(b"\n".join(found) + b"\n")
        with closing(Reader(Path(name))) as reader:
            read = reader.read()
            state = fold(read)
            assert len(read) + reader.damaged == sum(bool(line) for line in b"\n".join(found).split(b"\n"))
    assert_words(read, state)


def assert_words(read: list[events.Event], state: Any) -> None:  # noqa: ANN401
    """Assert that all that is said of a run is harmless."""
    said = [lines.line(event) or "" for event in read]
    said += [safety.line(state), safety.line(state, died=True), panes.title(state, demo=False), panes.way(state)]
    said += panes.detach_body(state, demo=False)
    said += blocks.plain(history.overview("shop", [(state, False)], []))
    if state.plan:
        said += [line.text for line in plan.lines(state.plan)]
    if state.finished:
        said += [outcome.headline(state.finished, state), *outcome.message(state.finished, state).split("\n")]
    for each in said:
        assert_harmless(each)


@given(HOSTILE, st.permutations(range(len(WHOLE))))
def test_events_in_any_order_are_folded_and_told(said: str, order: list[int]) -> None:
    said = said.encode("utf-8", "replace").decode()  # a journal holds nothing else
    found = list(every_event(said))
    shuffled = [found[index] for index in order]
    assert_words(shuffled, fold(shuffled))


# --- files of the project --------------------------------------------------------------------------------------------

ENV = st.text(st.sampled_from("AB=:'\"\\\n\r\t #$é\x1b\u2028export"), max_size=120)


@given(st.one_of(ENV, HOSTILE))
def test_an_env_file_of_anything_is_read_and_edited(written: str) -> None:
    for found in envfile.assignments(written):
        assert written[found.start : found.end] == found.value
        edited = envfile.replaced(written, found.name, "1.2.3")
        now = envfile.find(edited, found.name)
        assert now is not None
        assert now.value == "1.2.3"
        last = envfile.find(written, found.name)
        assert last is not None
        before, after = written[: last.start], written[last.end :]
        assert edited in {f"{before}1.2.3{after}", f"{before}=1.2.3{after}"}


YAML = st.text(st.sampled_from("ab:-[]{}&*!|>'\"%@`#,?\n \t\x00\x1b\ufeff\u2028é<"), max_size=80)
KEYS = (
    *("services", "image", "include", "path", "env_file", "extends", "file", "<<", "x-ws9tui", "? [a]", "? {a: b}"),
    *SERVICE_KEYS,
    *FILE_KEYS,
)
NODES = st.recursive(
    st.one_of(
        st.sampled_from(["x", "1", "true", "''", "&a x", "*a", "!!binary x", "${V:-x}", "²", "~", "9" * 400]),
        st.text(string.ascii_letters, max_size=4),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.lists(
            st.tuples(
                st.one_of(
                    st.sampled_from(KEYS),
                    inner,
                ),
                inner,
            ),
            max_size=3,
        ).map(lambda pairs: "{" + ", ".join(f"{key} : {value}" for key, value in pairs) + "}"),
        inner.map(lambda part: f"&a {part}"),
    ),
    max_leaves=12,
)
IN_PLACE = st.sampled_from(
    ["{}", "services: {{app: {}}}", "services: {{app: {{x-ws9tui: {}}}}}", "x-ws9tui: {}", "include: {}"]
    + ["services: {{app: {{extends: {}}}}}", "services: {{app: {{x-ws9tui: {{keep_generations: {}}}}}}}"]
    + [f"services: {{{{app: {{{{x-ws9tui: {{{{{key}: {{}}}}}}}}}}}}}}" for key in SERVICE_KEYS]
    + ["x-ws9tui: {{keep_generations: {}}}"]
)


def read_definition(written: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "compose.yaml")
        file.write_bytes(written)
        try:
            found = definition.read((str(file),))
        except (ComposeError, UsageError) as error:
            assert_harmless(problems.sentence(error.problem))
            return
        characters = "" if found.unread else definition.decoded(written)[0]
        for place in itertools.chain.from_iterable(found.images.values()):
            assert place.value.strip() in characters or place.style or "\\" in characters
            assert 0 <= place.start <= place.end <= len(characters)
        assert all(isinstance(path, str) for _, path in found.nested)


@given(st.one_of(YAML.map(str.encode), st.binary(max_size=60)))
@example(DEEP.encode())
@example(b"a: &a {<<: *a}\nservices: &s {<<: *s}")
@example(b"services: &s {app: *s}")
def test_a_definition_of_anything_is_read_or_refused(written: bytes) -> None:
    read_definition(written)


@given(IN_PLACE, NODES)
@example("include: {}", "[{path: [[x]]}]")
@example("services: {{app: {{extends: {}}}}}", "{file: [x]}")
@example("x-ws9tui: {{keep_generations: {}}}", "²")
@example("services: {{app: {{x-ws9tui: {{monitor: {}}}}}}}", "9" * 400)
def test_settings_of_anything_are_read_or_refused(where: str, node: str) -> None:
    read_definition(where.format(node).encode())


# --- what the engine, Compose and registries say ---------------------------------------------------------------------


@given(
    st.lists(
        st.one_of(
            objects("status", "id", "progressDetail", "error", "errorDetail").map(
                lambda said: json.dumps(said).encode()
            ),
            st.builds(
                lambda status, layer, current, total: json.dumps(
                    {"status": status, "id": layer, "progressDetail": {"current": current, "total": total}}
                ).encode(),
                st.sampled_from(["Downloading", "Extracting", "Pull complete", "Verifying Checksum", "Digest: x"]),
                st.sampled_from("ab"),
                st.one_of(st.integers(), JSON),
                st.one_of(st.integers(), JSON),
            ),
            st.binary(max_size=60),
        ),
        max_size=10,
    )
)
@example([b'{"progressDetail": "x", "errorDetail": [1]}', b'{"progressDetail": {"current": "1", "total": NaN}}'])
@example([b'{"progressDetail": {"current": 1e999, "total": -5}, "id": "a", "status": "Downloading"}'])
@example([DEEP.encode(), b'{"id":' + DEEP.encode()])
def test_a_pull_that_says_anything_is_followed(said: list[bytes]) -> None:
    progress = PullProgress()
    before = (0, 0, 0.0)
    for line in said:
        progress.add(messages.pull_event(line))
        now = (progress.done, progress.total, progress.fraction)
        assert all(one <= other for one, other in zip(before, now, strict=True))
        assert 0 <= progress.fraction <= 1
        before = now
        assert progress.phase
        assert_harmless(text.size(progress.total))


_KEYS = [
    "Id",
    "Name",
    "Image",
    "State",
    "Status",
    "Config",
    "HostConfig",
    "Labels",
    "Env",
    "Health",
    "Log",
    "Output",
    "Healthcheck",
    "Test",
    "Interval",
    "Retries",
    "Mounts",
    "Type",
    "Source",
    "Destination",
    "PortBindings",
    "RestartCount",
    "RestartPolicy",
    "ExitCode",
    "StartedAt",
    "Created",
    "RepoTags",
    "RepoDigests",
    "Size",
    "Os",
    "Architecture",
    "Cmd",
    "Entrypoint",
    "Volumes",
    "ExposedPorts",
    "Descriptor",
    "Platforms",
    "digest",
    "com.docker.compose.service",
]
_INSPECTED = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), HOSTILE),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6)),
    max_leaves=20,
)
_READERS: tuple[Callable[[dict[str, Any]], msgspec.Struct], ...] = (
    records.container,
    records.image,
    records.listed_image,
    records.network,
    records.manifest,
)


@given(st.dictionaries(st.sampled_from(_KEYS), _INSPECTED, max_size=8))
@settings(max_examples=300)
def test_an_inspection_of_anything_is_a_record_or_refused(details: dict[str, Any]) -> None:
    for reader in _READERS:
        try:
            found = reader(details)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            continue
        assert (
            msgspec.convert(msgspec.to_builtins(found, enc_hook=codec.encoded), type(found), dec_hook=codec.decoded)
            == found
        )


@given(st.one_of(HOSTILE, JSON.map(json.dumps)))
@example(DEEP)
def test_an_answer_of_anything_is_a_text(body: str) -> None:
    assert isinstance(messages.message(body), str)


@given(HOSTILE, HOSTILE, st.integers(0, 600), HOSTILE)
@example("429 retry-after: 5s", "docker.io/x", 500, "")
@example("retry after: " + "9" * 400 + "s toomanyrequests", "a/b", 0, "")
def test_a_registry_that_says_anything_is_classified(said: str, ref: str, status: int, login: str) -> None:
    reason = f"{said} https://user:{SECRET}@registry.example/v2/?token={SECRET} {said}"
    error = registry_errors.registry_error(reason, ref, status, login=HelperFailed(helper=login))
    assert isinstance(error, RegistryError)
    assert error.problem.code in KINDS
    assert error.retry_after >= 0
    for told in (problems.sentence(error.problem), problems.brief(error.problem)):
        assert_harmless(told)
    assert SECRET not in str(error.problem)


COMPOSE = st.lists(
    st.one_of(
        objects("id", "text", "status", "error", "message").map(json.dumps),
        HOSTILE,
        st.sampled_from(
            [
                f'time="x" level=error msg="pull failed: {SECRET}"',
                f"required variable DB_PASSWORD is missing a value: {SECRET}",
                f'invalid interpolation format for services.app.image. "{SECRET}"',
                f"failed to read /x/.env: line 3: unexpected character in {SECRET}",
                f"validating /x/compose.yaml: services.app {SECRET}",
                " Container p-app-1 Recreate ",
                'time="x" level=warning msg="The \\"X\\" variable is not set."',
            ]
        ),
    ),
    max_size=6,
).map("\n".join)


@given(COMPOSE, st.sampled_from(["config", "up", "stop"]), st.integers(-15, 255))
@example('{"a":' * 5_000, "up", 1)
@example('{"id": {"x": 1}, "status": ["y"]}', "up", 1)
def test_a_compose_that_says_anything_is_understood(said: str, verb: str, status: int) -> None:
    source = ProjectSource("p", "/x", ("/x/compose.yaml",), environment={"DB_PASSWORD": SECRET, "SHORT": "x"})
    error = output.error(verb, status, said, source)
    assert isinstance(error, ComposeError)
    mask = Mask()
    mask.learn(source.environment.items())
    problem = confidential.masked(error.problem, mask)
    assert SECRET not in str(problem)
    assert_harmless(problems.sentence(problem))
    assert all(isinstance(name, str) for name in output.undefined(said))
    output.hashes(said)
    for line in said.splitlines():
        if found := output.step(line):
            assert isinstance(found.container, str)


# --- what is typed ---------------------------------------------------------------------------------------------------

REFERENCES = st.text(st.sampled_from("abZ019.:/@-_[]sha256:%\n\x1bé "), max_size=60)


@given(st.one_of(REFERENCES, HOSTILE))
def test_a_reference_is_parsed_and_written_the_same_or_refused(written: str) -> None:
    try:
        found = reference.parse(written)
    except UsageError as error:
        assert_harmless(problems.sentence(error.problem))
    else:
        assert str(found) == written
        assert found.registry
        assert_harmless(text.short_reference(written))
    try:
        asked = reference.parse("example.org/app:1").asked(written)
    except UsageError as error:
        assert_harmless(problems.sentence(error.problem))
    else:
        assert reference.parse(str(asked)) == asked


VERSIONS = st.text(st.sampled_from("0123456789.-+vabrc²٣"), max_size=24)


@given(st.lists(st.one_of(VERSIONS, HOSTILE), max_size=6))
def test_versions_are_none_or_ordered(written: list[str]) -> None:
    found = [parsed for parsed in map(version.parse, written) if parsed]
    for one in found:
        assert one.compare(one) == 0
        assert one.proves(one)
        for other in found:
            assert (one.compare(other) > 0) is (other.compare(one) < 0)
    ordered = sorted(found, key=cmp_to_key(version.Version.compare))
    assert all(one.compare(other) <= 0 for one, other in pairwise(ordered))


@given(st.one_of(st.text(st.sampled_from("0123456789.hmsuµd -e²٣"), max_size=12), HOSTILE))
@example("9" * 400)
def test_durations_are_finite_seconds_or_refused(written: str) -> None:
    for parse in (durations.parse, text.parse_duration):
        try:
            seconds = parse(written)
        except ValueError:
            continue
        assert 0 <= seconds < float("inf")
        assert_harmless(text.duration(seconds))


# --- what is shown ---------------------------------------------------------------------------------------------------


@given(HOSTILE, st.integers(1, 600))
@settings(max_examples=300)
def test_what_is_shown_is_printable_and_bounded(said: str, most: int) -> None:
    assert_harmless(text.clean(said, most), most)
    assert_harmless(text.listed([said] * 9))
    assert_harmless(text.short_reference(said))
    assert_harmless(text.short_digest(said), 12)
    for moment in (said, "2026-08-14T10:00:00Z"):
        assert_harmless(text.age(said, moment))
        assert_harmless(text.clock(said))
        assert_harmless(text.date(said))


@given(st.binary(max_size=400))
def test_bytes_that_are_no_text_are_shown(said: bytes) -> None:
    for errors in ("replace", "surrogateescape", "backslashreplace"):
        assert_harmless(text.clean(said.decode("utf-8", errors)), text.LIMIT)


@given(
    st.sampled_from(sorted(KINDS)),
    st.one_of(HOSTILE, st.sampled_from(["9" * 400, "nan", "-1", "1e999", "²", "{}", "{0.__class__}", "%s"])),
)
@settings(max_examples=300)
def test_every_problem_is_told_whatever_its_facts(code: str, fact: str) -> None:
    wording = WORDINGS[KINDS[code]]
    facts = dict.fromkeys({*gaps(wording.title), *gaps(wording.remedy), *gaps(wording.brief)}, fact)
    for told in (problems.title, problems.remedy, problems.brief):
        assert_harmless(told(read(code, facts)))
