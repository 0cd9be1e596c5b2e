"""What is told of a run where nobody looks at it, and what becomes of that which cannot be told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from backups import installed
from bench import GO, Shop, Told, always
from support.told import facts
from virtual_time import virtual
from ws9tui.core.compose import sensitive
from ws9tui.core.journal import confidential
from ws9tui.core.journal import events as e
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.terms import Actor, Choice, Outcome, Verb
from ws9tui.core.runs.run import run
from ws9tui.simulation.engine import Behaviour
from ws9tui.words import lines, plan
from ws9tui.worker.notices import LIMIT, Notices

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "T0K3N-0123456789abcdef"
URL = f"https://anna:{SECRET}@hooks.example.com/{SECRET}?key={SECRET}"
TARGET = "https://hooks.example.com/•••"


class Post:
    """Takes notices, as `adapters.notices.tell`."""

    def __init__(self, does: Callable[[str], Any] = lambda _: "") -> None:
        self.does = does
        self.got: list[tuple[str, dict[str, Any]]] = []

    async def __call__(
        self, receiver: str, body: bytes, /, *, within: float, folder: str, environment: Mapping[str, str], mark: str
    ) -> str:
        assert (within, mark.endswith(" notice"), folder[:1]) == (LIMIT, True, "/")
        notice = json.loads(body)
        assert environment["WS9TUI_EVENT"] == notice["event"]
        self.got.append((receiver, notice))
        said = self.does(notice["event"])
        return str(await said if asyncio.iscoroutine(said) else said)

    def events(self) -> list[str]:
        return [notice["event"] for _, notice in self.got]


async def one(shop: Shop, post: Post, *arguments: str, **how: Any) -> Told:  # noqa: ANN401 - as `Shop.run` has them
    """Do one run, and what its worker does at its end."""
    options = {name: how.pop(name) for name in [*how] if name in Options.__struct_fields__}
    verb, script = how.pop("verb", Verb.UPDATE), how.pop("script", None)
    folder, session = shop.request(verb, Options(arguments=arguments), attended=script is not None)
    session.request = msgspec.structs.replace(session.request, options=Options(arguments=arguments, **options))
    session.options = session.request.options
    sensitive.call(session.mask, session.options, {})
    notices = Notices(folder, session.request, session.emit, post, lambda: session.receivers)
    beside = [asyncio.create_task(notices.follow()), asyncio.create_task(shop.operate(folder, script, None, {}, {}))]
    try:
        finished = await run(session)
        beside[0].cancel()
        await notices.finish()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.wait(beside)
        session.close()
        session._reader.close()
        session._journal.close()
    return Told(folder, finished)


async def ready(shop: Shop, **behaviour: Any) -> None:  # noqa: ANN401 - as Behaviour has them
    await shop.offer(behaviour=Behaviour(**behaviour) if behaviour else None)


@virtual
async def test_an_end_is_told_to_all_in_the_shape_of_the_contract(shop: Shop) -> None:
    await ready(shop)
    post = Post()
    told = await one(shop, post, notify=(URL, "tell --me"))
    assert [receiver for receiver, _ in post.got] == [URL, "tell --me"]
    notice = post.got[0][1]
    end = next(event for event in told.events if isinstance(event, e.Finished))
    assert notice == {
        "event": "end",
        "project": "shop",
        "run": 1,
        "run_id": told.folder.name,
        "server": "server-3",
        "verb": "update",
        "seq": told.events.index(end) + 1,
        "at": end.at,
        "message": notice["message"],
        "question": "",
        "choices": [],
        "default": "",
        "seconds": 0.0,
        "outcome": "kept",
        "problem": "",
        "text": f"ws9tui: shop · server-3: {notice['message']}",
    }
    assert "web" in notice["message"]
    assert {(event.receiver, event.about, event.problem) for event in told.all(e.Notified)} == {
        (TARGET, "end", None),
        ("tell •••", "end", None),
    }


@virtual
async def test_a_question_is_told_once_it_has_waited(shop: Shop) -> None:
    await ready(shop)
    post = Post()
    at_once = await one(shop, post, script=GO, notify=("tell",))
    assert (at_once.outcome, post.events()) == (Outcome.KEPT, ["end"])
    shop.publish("r.test/web:latest", "1.2")
    post = Post()
    told = await one(shop, post, script=always(select=Choice.GO, versions=Choice.GO), notify=("tell",))
    assert (told.outcome, post.events()) == (Outcome.CANCELLED, ["decision", "end"])
    [asked] = [event for event in told.events if isinstance(event, e.Asked) and event.question == "confirm"]
    notice = post.got[0][1]
    assert (notice["question"], notice["default"], notice["seconds"]) == ("confirm", "cancel", 3600)
    assert (notice["choices"], notice["seq"]) == (["go", "previous", "cancel"], told.events.index(asked) + 1)
    assert "Auto-cancel in 1 h" in notice["message"]


@virtual
async def test_a_failure_is_told_before_its_end(shop: Shop) -> None:
    await ready(shop, exits_after=2.0, exit_code=3)
    post = Post()
    told = await one(shop, post, notify=("tell",))
    assert (told.outcome, post.events()) == (Outcome.ROLLED_BACK, ["failure", "end"])
    assert post.got[0][1]["problem"] == "crash-looping"
    assert post.got[1][1]["outcome"] == "rolled-back"


@virtual
@pytest.mark.parametrize("verb", [Verb.DOCTOR, Verb.ADOPT])
async def test_of_what_changes_nothing_nobody_is_told(shop: Shop, verb: Verb) -> None:
    await ready(shop)
    post = Post()
    await one(shop, post, verb=verb, notify=("tell",))
    await one(shop, post, plan_only=True, notify=("tell",))
    assert post.got == []


@virtual
@pytest.mark.parametrize("where", ["call", "file"])
async def test_of_a_backup_and_of_a_restore_the_end_is_told(shop: Shop, tmp_path: Path, where: str) -> None:
    if where == "file":
        shop.file.write_text("x-ws9tui: {notify: tell}\n" + shop.file.read_text())
    await installed(shop)
    post, path = Post(), str(tmp_path / "shop.tar")
    more: dict[str, Any] = {"monitor": 1.0} | ({"notify": ("tell",)} if where == "call" else {})
    made = await one(shop, post, verb=Verb.BACKUP, output=path, **more)
    back = await one(shop, post, path, verb=Verb.RESTORE, overwrite=True, **more)
    assert (made.outcome, back.outcome) == (Outcome.BACKED_UP, Outcome.RESTORED)
    told = [(notice["event"], notice["verb"], notice["outcome"]) for _, notice in post.got]
    assert told == [("end", "backup", "backed-up"), ("end", "restore", "restored")]
    assert all(notice["message"] for _, notice in post.got)


# --- what is set in the file --------------------------------------------------------------------------------------


@virtual
async def test_the_file_may_say_who_is_told_with_variables(shop: Shop) -> None:
    shop.env.write_text(shop.env.read_text() + f"HOOK=https://hooks.example.com/{SECRET}\n")
    shop.file.write_text("x-ws9tui: {notify: [$HOOK, tell]}\n" + shop.file.read_text())
    await ready(shop)
    post = Post()
    told = await one(shop, post, notify=("tell",))
    assert {receiver for receiver, _ in post.got} == {f"https://hooks.example.com/{SECRET}", "tell"}
    assert SECRET not in (told.folder / "journal.jsonl").read_text()
    assert any(f"{TARGET} is notified of" in line.text for line in plan.lines(told.state.plan or Plan(1, 2)))
    doctor = await shop.run(verb=Verb.DOCTOR)
    said = [lines.line(event) or "" for event in doctor.all(e.Found)]
    assert any(f"{TARGET} is notified of" in text for text in said)


@virtual
async def test_a_file_that_others_may_write_says_nobody(shop: Shop) -> None:
    shop.file.write_text("x-ws9tui: {notify: tell}\n" + shop.file.read_text())
    shop.file.chmod(0o666)
    await ready(shop)
    post = Post()
    told = await one(shop, post)
    assert (told.outcome, post.got) == (Outcome.KEPT, [])
    assert told.found().count("notify-not-entrusted") == 1


@virtual
async def test_what_is_no_receiver_is_told_with_its_line(shop: Shop) -> None:
    shop.file.write_text("x-ws9tui:\n  notify: 'https://'\n" + shop.file.read_text())
    await ready(shop)
    told = await shop.run()
    assert told.finished.problem
    assert (told.code, told.finished.problem.facts["line"]) == ("settings-invalid", "2")


# --- receivers that fail ------------------------------------------------------------------------------------------


async def forever() -> str:
    await asyncio.sleep(1e6)
    return ""


@virtual
@pytest.mark.parametrize(
    ("does", "reason"),
    [
        (lambda _: "Connection refused", "Connection refused"),
        (lambda _: f"no {SECRET}", "no •••"),
        (lambda _: forever(), "did not finish within 10 s"),
    ],
)
async def test_one_that_fails_is_a_warning_and_holds_up_nothing(
    shop: Shop, does: Callable[[str], Any], reason: str
) -> None:
    await ready(shop, exits_after=2.0, exit_code=3)
    post = Post(does)
    told = await one(shop, post, notify=(URL,))
    assert told.outcome is Outcome.ROLLED_BACK
    problems = [event.problem for event in told.all(e.Notified)]
    assert {problem.code for problem in problems} == {"notify-failed"}
    assert {facts(problem)["reason"] for problem in problems if problem} == {reason}
    assert SECRET not in (told.folder / "journal.jsonl").read_text()
    assert "notify-failed" in told.found()
    assert told.state.finished is not None


def test_a_request_with_secrets_reaches_the_worker_past_the_journal(tmp_path: Path) -> None:
    asked = e.RunRequested(
        verb=Verb.UPDATE,
        options=Options(notify=(URL, f"tell --key {SECRET}")),
        actor=Actor(""),
        version="1",
        folder="/",
        attended=False,
    )
    public = confidential.handed(tmp_path, asked)
    assert public.options.notify == (TARGET, "tell •••")
    assert SECRET not in e.encode(public).decode()
    assert confidential.taken(tmp_path, public).options.notify == asked.options.notify
    assert list(tmp_path.iterdir()) == []
