from __future__ import annotations

import msgspec
import pytest

import sample_run as sample
from ws9tui.cli import questions
from ws9tui.cli.answer import Answer
from ws9tui.cli.questions import InstallDialogue
from ws9tui.cli.selection import SelectionDialogue
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.plan import Loss, Plan
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Actor, Availability, Choice, Difference, Finding, InstallField, Level, Question
from ws9tui.core.model.trust import Result, TrustCheck
from ws9tui.problems.plan import ImageChanged
from ws9tui.problems.problem import read
from ws9tui.words import problems

LOOKED = fold([*sample.looked()])


def selection() -> SelectionDialogue:
    return SelectionDialogue(sample.SELECT)


def test_services_are_listed_with_numbers_and_what_is_selected() -> None:
    assert selection().shown(LOOKED) == [
        "Which services do you want to update?",
        "  1 [-] cache  1, built locally",
        "  2 [ ] db     16.4, tag unchanged; newer: 17, 18",
        "  3 [x] git    1.25.1, update to 1.25.5",
        "Type numbers to select (1 3), 'all' or 'none'; 2=TAG for another tag of number 2, 'tags 2' to list its tags.",
        "Press Enter to continue, or type 'cancel'. The next step only pulls images; nothing is stopped.",
        "Type 'recheck' to ask the registries again, 'recheck HOST' to also ask a mirror.",
        "Type 'record' to only record what runs now, so that you can roll back to it later.",
        "Selected: git. Press Enter to continue.",
    ]


def test_enter_takes_what_is_selected() -> None:
    assert selection().hear("", LOOKED) == Answer(Choice.GO, {"services": ("git",), "references": {}})


@pytest.mark.parametrize(
    ("typed", "services"),
    [
        ("2", ("db",)),
        ("2 3", ("db", "git")),
        ("3,2", ("db", "git")),
        ("2-3", ("db", "git")),
        ("db", ("db",)),
        ("all", ("db", "git")),
    ],
)
def test_numbers_and_names_select(typed: str, services: tuple[str, ...]) -> None:
    asking = selection()
    assert isinstance(asking.hear(typed, LOOKED), list)
    assert asking.hear("go", LOOKED) == Answer(Choice.GO, {"services": services, "references": {}})


def test_a_selection_that_one_comes_back_to_is_as_it_was_left() -> None:
    """Also of a service that has no update: it was not proposed, but the operator's own choice."""
    chosen = e.Decided(ask=1, question=Question.SELECT, choice=Choice.GO, by="operator", services=("db",))
    assert selection().shown(fold([chosen], LOOKED))[-1] == "Selected: db. Press Enter to continue."


@pytest.mark.parametrize("typed", ["0", "4", "1-9", "2-1", "x", "1 x", "-1", "9999999", "\x1b[A", "9=1"])
def test_what_is_no_service_is_said(typed: str) -> None:
    asking = selection()
    reply = asking.hear(typed, LOOKED)
    assert isinstance(reply, list)
    assert reply[0].startswith("There is no service")
    assert reply[0].isprintable()
    assert asking.hear("", LOOKED) == Answer(Choice.GO, {"services": ("git",), "references": {}})


def test_what_cannot_be_selected_is_refused_with_the_reason() -> None:
    for typed in ("1", "cache", "1=2"):
        reply = selection().hear(typed, LOOKED)
        assert isinstance(reply, list)
        assert reply[0].startswith("cache cannot be selected. cache is built from source locally")


def test_nothing_selected_does_not_go_on() -> None:
    asking = selection()
    assert asking.hear("none", LOOKED) == ["Selected: none."]
    assert asking.hear("", LOOKED) == ["Nothing is selected. Type numbers, or 'cancel' to stop."]
    assert asking.hear("cancel", LOOKED) == Answer(Choice.CANCEL)


def test_with_nothing_to_do_enter_goes_on_without_services() -> None:
    current = e.ReferenceResolved(
        service="git", reference=Reference("example.org/git:1"), availability=Availability.CURRENT
    )
    state = fold([current], LOOKED)
    assert selection().hear("", state) == Answer(Choice.GO, {"services": (), "references": {}})


def test_while_registries_are_asked_nothing_selected_does_not_go_on() -> None:
    again = e.Decided(ask=1, question=Question.SELECT, choice=Choice.RECHECK, by="operator")
    state = fold([again], LOOKED)
    assert selection().hear("", state) == ["Nothing is selected. Type numbers, or 'cancel' to stop."]


def test_another_tag_is_asked_for_and_taken_along() -> None:
    asking = selection()
    assert asking.hear("2=17.1", LOOKED) == Answer(Choice.CHECK, {"references": {"db": "17.1"}})
    assert asking.hear("", LOOKED) == ["The registry is still being checked for db."]
    answer = e.ReferenceResolved(service="db", reference=Reference("postgres:17.1"), digest=sample.NEW)
    state = fold([answer], LOOKED)
    assert asking.noticed(answer, state) == []
    assert asking.again(sample.SELECT, state) == [
        "  1 [-] cache  1, built locally",
        "  2 [x] db     16.4, update to postgres:17.1",
        "  3 [x] git    1.25.1, update to 1.25.5",
        "Selected: db and git. Press Enter to continue.",
    ]
    assert asking.hear("", state) == Answer(
        Choice.GO, {"services": ("db", "git"), "references": {"db": "postgres:17.1"}}
    )


def test_an_empty_tag_asks_for_what_the_files_say() -> None:
    assert selection().hear("git=", LOOKED) == Answer(Choice.CHECK, {"references": {"git": "example.org/git:1"}})


def test_a_tag_that_does_not_exist_is_not_selected() -> None:
    asking = selection()
    asking.hear("none", LOOKED)
    asking.hear("2=99", LOOKED)
    answer = e.ReferenceResolved(
        service="db",
        reference=Reference("postgres:99"),
        availability=Availability.UNKNOWN,
        problem=read("manifest-unknown", {}),
    )
    state = fold([answer], LOOKED)
    assert asking.noticed(answer, state) == []
    assert asking.again(sample.SELECT, state)[-1] == "Selected: none."


def test_a_late_answer_changes_what_is_proposed() -> None:
    asking = selection()
    answer = e.ReferenceResolved(
        service="git",
        reference=Reference("example.org/git:1"),
        availability=Availability.UNKNOWN,
        problem=read("unauthorized", {}),
    )
    assert asking.noticed(answer, fold([answer], LOOKED)) == ["Selected: none."]


def checked(service: str, level: Level) -> e.TrustChecked:
    facts = {"service": service, "reference": f"shop/{service}:2", "reason": "it is not installed"}
    facts["agree"] = f"{service}:signature"
    finding = Finding(level, read("signature-unchecked", facts), service)
    return e.TrustChecked(service=service, check=TrustCheck.SIGNATURE, result=Result.NOT_CHECKED, finding=finding)


def test_only_its_own_word_leaves_data_behind() -> None:
    facts = {"target": "/d", "old": "/srv/data", "new": "/srv/storage", "missing": "yes"}
    plan = Plan(1, 2, losses=(Loss("git", read("mount-changed", facts), consent="git:/d"), Loss("git", read("x", {}))))
    asked = sample.asked(7, Question.LOSS, Choice.GO, Choice.CANCEL)
    asking, state = questions.dialogue(asked), fold([*sample.looked(), e.Planned(plan=plan), asked])
    assert asking.shown(state) == [
        "Services would lose access to this data. Continue without it?",
        "  git: /d: /srv/data → /srv/storage, which is new and empty.",
        "Type 'leave' to continue without this data, or 'cancel'.",
    ]
    assert asking.hear("Leave", state) == Answer(Choice.GO)
    assert asking.hear("cancel", state) == Answer(Choice.CANCEL)
    for word in ("", "y", "yes", "1", "go"):
        assert isinstance(asking.hear(word, state), list)


def test_only_its_own_word_goes_on_in_spite_of_a_check() -> None:
    told = checked("git", Level.BLOCKING)
    fine = msgspec.structs.replace(told, service="db", finding=Finding(Level.OK, told.finding.problem, "db"))
    asked = sample.asked(7, Question.ACCEPT, Choice.GO, Choice.CANCEL)
    asking, state = questions.dialogue(asked), fold([*sample.looked(), told, fine, asked])
    assert asking.shown(state) == [
        "These checks stop the update. Continue anyway?",
        f"  [STOP] {problems.sentence(told.finding.problem)}",
        "Type 'accept' to continue anyway, or 'cancel'. Nothing has been changed yet.",
    ]
    assert asking.hear(" Accept ", state) == Answer(Choice.GO)
    assert asking.hear("no", state) == Answer(Choice.CANCEL)
    for word in ("", "y", "yes", "1", "go"):
        assert isinstance(asking.hear(word, state), list)


def test_back_leads_to_the_step_before_where_that_is_offered() -> None:
    for question in (Question.CONFIRM, Question.LOSS, Question.ACCEPT):
        asking = questions.dialogue(sample.asked(7, question, Choice.GO, Choice.PREVIOUS, Choice.CANCEL))
        assert asking.hear("back", LOOKED) == Answer(Choice.PREVIOUS)
        assert asking.shown(LOOKED)[-1] == "Type 'back' for the step before; pulled images are kept for this run."
        assert isinstance(questions.dialogue(sample.asked(7, question, Choice.GO)).hear("back", LOOKED), list)
    asking = questions.dialogue(sample.asked(7, Question.VERSIONS, Choice.GO, Choice.PREVIOUS, Choice.CANCEL))
    assert asking.hear("back", LOOKED) == Answer(Choice.PREVIOUS)


def test_a_mismatch_names_its_service_and_what_each_choice_leads_to() -> None:
    choices = (Choice.LEAVE_OUT, Choice.ACCEPT, Choice.PREVIOUS, Choice.CANCEL)
    asked = msgspec.structs.replace(sample.asked(7, Question.MISMATCH, *choices), options=("git",))
    asking = questions.dialogue(asked)
    assert asking.shown(LOOKED) == [
        "git: This image is not the expected one. What now?",
        "  1  leave-out  Leave it out: update the other services without it",
        "  2  accept     Accept: take this version; the container must report it, too",
        "  3  previous   Another tag: choose another tag; pulled images are kept",
        "  4  cancel     Cancel: stop here; nothing is changed",
        "Type a number or a word.",
    ]
    for word, choice in (("leave out", Choice.LEAVE_OUT), ("2", Choice.ACCEPT), ("another tag", Choice.PREVIOUS)):
        assert asking.hear(word, LOOKED) == Answer(choice)


def test_the_registries_are_asked_again() -> None:
    asked = sample.asked(1, Question.SELECT, Choice.GO, Choice.CHECK, Choice.RECHECK)
    asking = questions.dialogue(asked)
    assert asking.hear("recheck", LOOKED) == Answer(Choice.RECHECK, {"answers": {"mirror": ""}})
    assert asking.hear("recheck m.test/a", LOOKED) == Answer(Choice.RECHECK, {"answers": {"mirror": "m.test/a"}})
    without = questions.dialogue(sample.asked(1, Question.SELECT, Choice.GO, Choice.CHECK))
    assert isinstance(without.hear("recheck", LOOKED), list)


def test_the_services_that_one_comes_back_for_are_named() -> None:
    asked = msgspec.structs.replace(sample.SELECT, options=("git",))
    assert "It is about: git." in questions.dialogue(asked).shown(LOOKED)


def test_only_yes_confirms() -> None:
    asking = questions.dialogue(sample.CONFIRM)
    assert asking.hear("yes", LOOKED) == Answer(Choice.GO, {"backups": None})
    assert asking.hear(" YES ", LOOKED) == Answer(Choice.GO, {"backups": None})
    assert asking.hear("no", LOOKED) == Answer(Choice.CANCEL)
    for typed in ("", "y", "go", "1", "ye s", "yes please"):
        assert isinstance(asking.hear(typed, LOOKED), list), typed


@pytest.mark.parametrize(("typed", "choice"), [("1", Choice.KEEP), ("keep", Choice.KEEP), ("2", Choice.ROLL_BACK),
    ("rollback", Choice.ROLL_BACK), ("Roll back", Choice.ROLL_BACK), ("roll-back", Choice.ROLL_BACK)])  # fmt: skip
def test_choices_have_numbers_and_words(typed: str, choice: Choice) -> None:
    assert questions.dialogue(sample.OUTCOME).hear(typed, LOOKED) == Answer(choice)


@pytest.mark.parametrize("typed", ["", "3", "0", "k", "roll", "hold", "yes"])
def test_other_words_choose_nothing(typed: str) -> None:
    assert isinstance(questions.dialogue(sample.OUTCOME).hear(typed, LOOKED), list)


def test_choices_are_shown_with_what_they_lead_to() -> None:
    assert questions.dialogue(sample.OUTCOME).shown(LOOKED) == [
        "Keep what runs now, or roll back?",
        "  1  keep      Keep: what runs now stays; you can still roll back",
        "  2  rollback  Roll back: return to what ran before",
        "Type a number or a word.",
    ]


def test_the_recommended_way_of_a_recovery_is_marked() -> None:
    interrupted = e.RunInterrupted(
        run=6,
        started_at=sample.AT,
        actor=Actor("bob"),
        before=3,
        after=4,
        done=(),
        undone=(),
        recommended=Choice.BACK,
    )
    question = sample.asked(1, Question.RECOVER, Choice.BACK, Choice.FORWARD, Choice.LEAVE)
    state = fold([interrupted, question], LOOKED)
    shown = questions.dialogue(question).shown(state)
    assert [line for line in shown if "(recommended)" in line] == [
        "  1  back     Roll back: return to the state before that run (recommended)"
    ]


def test_generations_are_chosen_by_number() -> None:
    moved = ImageChanged(old="git:1", new="git:1", old_id="b", new_id="a", old_version="1.26.0", new_version="1.25.1")
    found = [
        e.GenerationFound(number=3, created_at=sample.AT, services={"git": "1.26.0"}, runs=True),
        e.GenerationFound(
            number=2,
            created_at=sample.AT,
            services={"git": "1.25.1"},
            differences=(Difference("git", moved),),
            previous=True,
            pinned=True,
            data=("git",),
        ),
    ]
    question = e.Asked(ask=1, question=Question.GENERATION, choices=(Choice.GO,), default=Choice.GO, options=("2", "3"))
    asking, state = questions.dialogue(question), fold(found, LOOKED)
    _, head, newest, before, typed = asking.shown(state)
    assert head.split() == ["Gen.", "When", "Differs", "from", "what", "runs", "Images"]
    assert (newest.split()[0], before.split()[:2]) == ("3", [">", "2"])
    assert [part.strip() for part in newest.split("  ") if part][2:] == ["runs now", "here"]
    assert [part.strip() for part in before.split("  ") if part][2:] == ["git 1.25.1", "here, with data, pinned"]
    assert typed == "Type a generation's number, press Enter for 2, or 'cancel'."
    assert asking.hear("3", state) == Answer(Choice.GO, {"generation": 3})
    assert asking.hear("", state) == Answer(Choice.GO, {"generation": 2})
    assert asking.hear("cancel", state) == Answer(Choice.CANCEL)
    assert isinstance(asking.hear("4", state), list)


def test_an_earlier_generation_or_a_record_instead_of_an_update() -> None:
    asked = sample.asked(1, Question.SELECT, Choice.GO, Choice.CHECK, Choice.GO_BACK)
    asking = questions.dialogue(asked)
    assert any(text.startswith("Type 'generations'") for text in asking.shown(LOOKED))
    assert asking.hear("generations", LOOKED) == Answer(Choice.GO_BACK)
    assert asking.hear("back", LOOKED) == Answer(Choice.GO_BACK)
    assert isinstance(asking.hear("record", LOOKED), list)
    asking = questions.dialogue(sample.asked(1, Question.SELECT, Choice.GO, Choice.CHECK, Choice.ADOPT))
    assert asking.hear("record", LOOKED) == Answer(Choice.ADOPT)


def test_projects_are_chosen_by_number_or_name() -> None:
    question = e.Asked(
        ask=1, question=Question.PROJECT, choices=(Choice.GO,), default=Choice.GO, options=("blog", "shop")
    )
    asking = questions.dialogue(question)
    assert asking.shown(LOOKED)[1:3] == ["  1  blog", "  2  shop"]
    what = read("project-application", {"name": "ghost\x1b[31m", "version": "5.0"})
    known = fold([e.ProjectsFound(projects={"blog": what, "shop": None})], LOOKED)
    assert asking.shown(known)[1:3] == ["  1  blog  ghost 5.0, deployed by Websoft9", "  2  shop"]
    views = {
        "blog": ProjectView("/srv/blog", 1, 1, versions={"web": "5.0"}, here=True),
        "shop": ProjectView("/srv/store", 2, 3, 1, {"db": "16.4", "web": "1.9.0\x1b[2J"}, used_at=sample.AT),
    }
    stand = fold([e.ProjectsFound(at=sample.AT, projects={"blog": None, "shop": None}, views=views)], LOOKED)
    assert asking.shown(stand)[1:3] == [
        "  1  blog  /srv/blog   1 container runs                    web 5.0                you are here",
        "  2  shop  /srv/store  2 of 3 containers run; 1 unhealthy  db 16.4 and web 1.9.0  used seconds ago",
    ]
    why = read("project-other-name", {"project": "site", "projects": "blog, shop"})
    told = fold([e.ProjectsFound(projects={"blog": None, "shop": None}, why=why)], LOOKED)
    assert "Running from the same file: blog and shop." in asking.shown(told)[0]
    assert asking.hear("2", LOOKED) == Answer(Choice.GO, {"project": "shop"})
    assert asking.hear("blog", LOOKED) == Answer(Choice.GO, {"project": "blog"})
    assert asking.hear("cancel", LOOKED) == Answer(Choice.CANCEL)
    for typed in ("3", "", "0", "wiki"):
        assert isinstance(asking.hear(typed, LOOKED), list)


# --- a first install, field by field -----------------------------------------------------------------------------

FIELDS = (
    InstallField("source", "websoft9", "websoft9", "source"),
    InstallField("CONSOLE_PORT", "9000", "9000", "port"),
)
INSTALL = e.Asked(
    ask=1, question=Question.INSTALL, choices=(Choice.GO, Choice.CHECK, Choice.CANCEL), default=Choice.CANCEL
)


def form(*, known: bool = True, taken: bool = False) -> RunState:
    problem = read("port-taken", {"port": "9000/tcp", "by": "other"}) if taken else None
    fields = (FIELDS[0], InstallField("CONSOLE_PORT", "9000", "9000", "port", problem=problem))
    return fold([e.InstallChecked(fields=fields if known else FIELDS[:1], known=known, version="2.2.17"), INSTALL])


def test_an_install_is_a_form_with_numbers() -> None:
    assert InstallDialogue(INSTALL).shown(form(taken=True)) == [
        "What do you want to install, and how?",
        "Release 2.2.17: fix the problems below first.",
        "   1  Source        websoft9",
        "   2  CONSOLE_PORT  9000  [STOP: port 9000/tcp is already in use]",
        "Type 1=VALUE to change number 1, Enter to continue, 'cancel' to stop. Nothing is written yet.",
    ]


def test_enter_first_looks_at_the_source_of_an_install() -> None:
    asking = InstallDialogue(INSTALL)
    assert asking.hear("", form(known=False)) == Answer(Choice.CHECK, {"answers": {}})
    assert asking.hear("", form(known=False)) == ["The source is still being checked."]
    assert asking.again(INSTALL, form())[0] == "Release 2.2.17: ready to install."
    assert asking.hear("", form()) == Answer(Choice.GO)


def test_a_value_of_an_install_is_sent_to_be_checked() -> None:
    assert InstallDialogue(INSTALL).hear("2 = 9090", form()) == Answer(
        Choice.CHECK, {"answers": {"CONSOLE_PORT": "9090"}}
    )
    assert InstallDialogue(INSTALL).hear("", form(taken=True)) == [
        "Some settings are wrong; the reason is beside each."
    ]
    assert InstallDialogue(INSTALL).hear("cancel", form()) == Answer(Choice.CANCEL)


@pytest.mark.parametrize("typed", ["3=x", "0=x", "x", "-1=2"])
def test_what_is_no_field_is_said(typed: str) -> None:
    reply = InstallDialogue(INSTALL).hear(typed, form())
    assert isinstance(reply, list)
    assert reply[0].startswith("Not understood.")


def test_a_password_in_the_source_of_an_install_is_not_written_down() -> None:
    reply = InstallDialogue(INSTALL).hear("1=https://me:pw@x.test/a.zip", form())
    assert isinstance(reply, list)
    assert "pw" not in " ".join(reply).split("password")[0]


def test_a_release_can_be_gone_to_where_it_is_offered() -> None:
    offered = msgspec.structs.replace(sample.SELECT, choices=(*sample.SELECT.choices, Choice.RELEASE))
    assert SelectionDialogue(offered).hear("release", LOOKED) == Answer(
        Choice.RELEASE, {"answers": {"source": "websoft9"}}
    )
    assert SelectionDialogue(offered).hear("release /a b.zip", LOOKED) == Answer(
        Choice.RELEASE, {"answers": {"source": "/a b.zip"}}
    )
    assert isinstance(SelectionDialogue(offered).hear("release https://a:b@c/", LOOKED), list)
    assert isinstance(SelectionDialogue(sample.SELECT).hear("release", LOOKED), list)
