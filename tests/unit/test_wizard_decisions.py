"""What the operator does in the panes up to the commit, and what stands in the journal then."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from recordings import after, recording
from takes import WANTED
from wizards import LARGE, wizard
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Finding, Level, Question
from ws9tui.core.model.trust import Result, TrustCheck
from ws9tui.errors import StateError
from ws9tui.problems.problem import read
from ws9tui.wizard import route
from ws9tui.wizard.route import Step

pytestmark = pytest.mark.slow


# --- images ---------------------------------------------------------------------------------------------------------


async def test_goes_on_with_what_is_proposed(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("enter")
        decision = driven.decision()
        assert (decision.choice, decision.ask) == (Choice.GO, 4)
        assert decision.services == ("apphub", "deployment", "git")
        assert decision.references == {name: f"websoft9dev/{name}:{tag}" for name, tag in WANTED.items()}


async def test_space_takes_a_service_out_and_in(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("space", "down", "space", "space", "down", "down", "space", "enter")
        assert driven.decision().services == ("deployment", "git", "proxy")


async def test_all_and_none(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("a")
        assert driven.text().count("[x]") == 4
        await driven.press("A")
        assert driven.text().count("[x]") == 0
        await driven.press("enter")
        assert driven.decisions() == []
        await driven.shows("Nothing is selected")


async def test_what_cannot_be_selected_says_so(tmp_path: Path) -> None:
    async with wizard("images-mixed", tmp_path) as driven:
        await driven.press("down", "space")
        await driven.shows("cannot be selected")
        await driven.press("a", "enter")
        assert "builder" not in driven.decision().services


async def test_what_could_not_be_checked_is_not_proposed(tmp_path: Path) -> None:
    async with wizard("hostile", tmp_path) as driven:
        assert driven.says("could not be checked")
        assert not driven.says("[x]")


async def test_another_reference_is_asked_for_and_taken(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("down", "e")
        await driven.shows("Another image for deployment")
        await driven.press(*["backspace"] * 6, *"2.39.1", "enter")
        decision = driven.decision()
        assert decision.choice is Choice.CHECK
        assert decision.references == {"deployment": "websoft9dev/deployment:2.39.1"}
        await driven.shows("checking")
        other = "websoft9dev/deployment:2.39.1"
        found = [event for event in driven.story.events if isinstance(event, e.ReferenceResolved)][-1]
        found = msgspec.structs.replace(found, service="deployment", reference=other, version="2.39.1", at="")
        await driven.tell(found)
        await driven.shows("requested   websoft9dev/deployment:2.39.1")
        await driven.press("enter")
        decision = driven.decision()
        assert decision.services == ("apphub", "deployment", "git")
        assert decision.references["deployment"] == other


async def test_with_nothing_to_do_enter_ends_the_run(tmp_path: Path) -> None:
    async with wizard("nothing-to-do", tmp_path) as driven:
        shown = driven.text()
        assert "No update found, 1 could not be checked; 0 of 4 services selected." in shown
        assert "Enter Finish" in shown
        await driven.press("enter")
        decision = driven.decision()
        assert (decision.choice, decision.services) == (Choice.GO, ())


async def test_while_registries_are_asked_enter_does_not_end_the_run(tmp_path: Path) -> None:
    async with wizard("nothing-to-do", tmp_path) as driven:
        await driven.press("r")
        sent = driven.decision()
        assert sent.choice is Choice.RECHECK
        await driven.tell(e.Decided(ask=sent.ask, question=Question.SELECT, choice=sent.choice, by="operator"))
        driven.story.ask(Question.SELECT, Choice.GO, Choice.CHECK, Choice.RECHECK, Choice.CANCEL)
        await driven.tell()
        await driven.shows("Checking the registries")
        await driven.hides("Enter Finish")
        await driven.press("enter")
        await driven.shows("Nothing is selected")
        assert driven.decisions() == []


async def test_while_another_reference_is_looked_up_enter_does_not_end_the_run(tmp_path: Path) -> None:
    async with wizard("nothing-to-do", tmp_path) as driven:
        await driven.press("e", "1", "enter")
        assert driven.decision().choice is Choice.CHECK
        await driven.shows("checking")
        await driven.hides("Enter Finish")
        await driven.press("enter")
        await driven.shows("Nothing is selected")
        assert driven.decisions() == []


async def test_a_first_installation_takes_everything(tmp_path: Path) -> None:
    async with wizard("install", tmp_path) as driven:
        assert driven.says("First install; 4 of 4 services selected.")
        await driven.press("enter")
        assert driven.decision().services == ("apphub", "deployment", "git", "proxy")


async def test_escape_leaves_the_reference_as_it_is(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("e", "x", "escape")
        await driven.hides("Another image")
        assert driven.decisions() == []


async def test_a_reference_that_is_none_is_refused_with_its_reason(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("e", "space", "enter")
        assert driven.decision().choice is Choice.CHECK
        await driven.shows("checking")
        refused = Finding(Level.WARNING, read("reference-invalid", {"reference": "a b", "reason": "syntax"}))
        driven.story.say(e.Found(finding=refused)).ask(Question.SELECT, Choice.GO, Choice.CHECK, Choice.CANCEL)
        await driven.tell()
        await driven.hides("checking")
        await driven.shows("─ 'a b' is not a valid image reference")
        await driven.press("enter")
        decision = driven.decision()
        assert (decision.ask, decision.services) == (5, ("apphub", "deployment", "git"))


async def test_a_key_pressed_twice_decides_once(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("enter", "enter")
        driven.decision()


# --- the way to the commit ------------------------------------------------------------------------------------------


async def test_the_panes_follow_the_run(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("enter")
        await driven.goes_on(after(e.Decided, e.Decided, e.Decided, e.Decided))
        await driven.shows("Starting the pulls")
        await driven.goes_on(after(e.PullFinished, e.PullFinished, e.PullFinished))
        await driven.shows("All 3 images are ready")
        await driven.goes_on("versions")
        await driven.shows("All images passed the checks")
        driven.decisions()
        await driven.press("enter")
        assert driven.decision().ask == 5
        await driven.goes_on("confirm")
        await driven.shows("Update 4 of 4 services: deployment 2.33.3 → 2.40.0")


async def test_the_plan_needs_a_deliberate_yes(tmp_path: Path) -> None:
    async with wizard("confirm", tmp_path) as driven:
        await driven.press("enter")
        await driven.shows("Apply this plan?")
        assert driven.says("Downtime of up to about 12 s each")
        await driven.press("enter")
        await driven.hides("Apply this plan?")
        assert driven.decisions() == []
        await driven.press_and_answer("enter", "y")
        assert driven.decision().choice is Choice.GO
        await driven.hides("Apply this plan?")


async def test_data_is_left_behind_only_by_a_second_yes(tmp_path: Path) -> None:
    async with wizard("data-left", tmp_path) as driven:
        await driven.shows("Services would lose access to this data.")
        await driven.press("enter")
        await driven.shows("No, go back")
        await driven.shows("websoft9_storage, which is new")
        await driven.press("enter")
        assert driven.decisions() == []
        await driven.press_and_answer("enter", "y")
        assert driven.decision().choice is Choice.GO


async def test_what_counts_is_seen_at_once_and_the_rest_is_opened(tmp_path: Path) -> None:
    async with wizard("confirm", tmp_path) as driven:
        for said in ("Downtime", "Not saved", "Way back", "▸ Files: "):
            assert driven.says(said), said
        assert not driven.says("+APPHUB_VERSION=0.2.8")
        await driven.press("v", "end")
        await driven.shows("sha256:849aefcd7395")
        await driven.press("home", "pagedown")
        await driven.shows("+APPHUB_VERSION=0.2.8")
        await driven.press("v", "home")
        await driven.hides("+APPHUB_VERSION=0.2.8")


async def test_the_last_question_repeats_what_is_not_saved_and_means_no_by_default(tmp_path: Path) -> None:
    async with wizard("confirm", tmp_path) as driven:
        await driven.press("enter")
        await driven.shows("Not saved: proxy and apphub.")
        await driven.shows("▸ N No, go back")


async def test_without_a_loss_the_last_question_means_yes_by_default(tmp_path: Path) -> None:
    async with wizard("confirm", tmp_path) as driven:
        await driven.press("d", "3", "4", "n")
        await driven.hides("Not saved")
        await driven.press("enter")
        await driven.shows("▸ Y Yes, apply it now")
        await driven.press("enter")
        assert driven.decision().backups == ("deployment", "git", "proxy", "apphub")


async def test_a_dialog_closes_when_its_question_is_over(tmp_path: Path) -> None:
    async with wizard("confirm", tmp_path) as driven:
        await driven.press("enter")
        await driven.shows("Apply this plan?")
        await driven.goes_on(after(e.CommitStarted))
        await driven.shows("Updating: step")
        await driven.hides("Apply this plan?")
        assert driven.decisions() == []


@pytest.mark.parametrize("name", ["starting", "asking", "images", "pull", "pull-failed", "versions", "confirm"])
async def test_cancel_before_the_commit(name: str, tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        await driven.press("c")
        await driven.shows("Cancel this run?")
        await driven.press("enter")
        await driven.hides("Cancel this run?")
        assert driven.decisions() == []
        await driven.press_and_answer("c", "y")
        decision = driven.decision()
        assert decision.choice is Choice.CANCEL
        asked = driven.app.state.asked
        assert decision.ask == (asked.ask if asked else 0)
        await driven.press("c", "y")
        assert driven.decisions() == []


ENDING = (e.Decided, e.Removed, e.Finished)


async def test_cancelling_is_said_at_once(tmp_path: Path) -> None:
    async with wizard("pull", tmp_path) as driven:
        await driven.press_and_answer("c", "y")
        await driven.shows("Cancelling")
        *_, decided, removed, finished = [event for event in recording("cancelled") if type(event) in ENDING]
        await driven.tell(decided, removed)
        await driven.shows("Cancelling")
        await driven.tell(finished)
        await driven.shows("nothing was changed")
        await driven.press("enter")
        assert driven.app.return_value == 130


@pytest.mark.parametrize("name", ["committing", "watching", "keep", "failed", "rolling-back", "kept"])
async def test_no_cancel_later(name: str, tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        await driven.press("c", "y")
        assert driven.decisions() == []
        assert not driven.says("C Cancel")


async def test_a_failed_pull_is_tried_again(tmp_path: Path) -> None:
    async with wizard("pull-failed", tmp_path) as driven:
        assert driven.says("pull rate limit")
        assert driven.says("docker login")
        await driven.press("r")
        assert driven.decision().choice is Choice.RETRY


async def test_a_project_is_chosen(tmp_path: Path) -> None:
    async with wizard("project", tmp_path) as driven:
        await driven.press("down", "down", "up", "enter")
        decision = driven.decision()
        assert (decision.choice, decision.project) == (Choice.GO, "nextcloud_x9y8z")


async def test_a_decision_of_somebody_else_is_followed(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.goes_on(after(e.Decided, e.Decided, e.Decided, e.Decided))
        await driven.shows("Starting the pulls")
        await driven.press("enter")
        assert driven.decisions() == []


async def test_a_decision_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with wizard("images", tmp_path) as driven:

        def full(_event: e.Event, *, sync: bool = True) -> e.Event:
            raise StateError(read("journal-unwritable", {"path": "events.jsonl", "reason": f"no space left, {sync}"}))

        monkeypatch.setattr(driven.app.followed.handle._journal, "append", full)
        await driven.press("enter")
        await driven.shows("could not be saved")


async def test_a_mirror_is_asked_for_from_now_on(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("m", *"no mirror")
        await driven.shows("'no mirror' is not a mirror")
        await driven.press("ctrl+u", *"mirror.example.net:5000", "enter")
        decision = driven.decision()
        assert (decision.choice, decision.answers) == (Choice.RECHECK, {"mirror": "mirror.example.net:5000"})


# --- projects -------------------------------------------------------------------------------------------------------


async def test_projects_are_shown_with_what_they_are(tmp_path: Path) -> None:
    async with wizard("project", tmp_path) as driven:
        await driven.tell(
            e.ProjectsFound(
                projects={
                    "websoft9": read("project-websoft9", {"version": "2.2.9", "layout": "legacy"}),
                    "wordpress_a1b2c": read("project-application", {"name": "wordpress", "version": "6.8"}),
                    "gitlab_q1w2e": None,
                }
            )
        )
        await driven.press("down", "down")
        await driven.shows("websoft9: Websoft9 2.2.9 (legacy)")
        await driven.press("down")
        await driven.shows("wordpress_a1b2c: wordpress 6.8, deployed by Websoft9")
        await driven.press("enter")
        assert driven.decision().project == "wordpress_a1b2c"


async def test_projects_are_shown_with_folder_state_and_versions_and_filtered(tmp_path: Path) -> None:
    async with wizard("project", tmp_path) as driven:
        for said in ("4 containers run", "/data/websoft9/s", "app 3.0"):
            assert driven.says(said)
        await driven.press("slash", *"press")
        await driven.shows("▸ wordpress_a1b2c")
        await driven.hides("gitlab")
        await driven.press(*"x")
        await driven.shows("No project matches.")
        await driven.press("backspace", "enter")
        assert driven.decision().project == "wordpress_a1b2c"


# --- a check that stops the run -------------------------------------------------------------------------------------

STOPPED = read(
    "signature-unchecked",
    {"service": "git", "reference": "shop/git:2", "reason": "it is not installed", "agree": "git:signature"},
)


def stopped(level: Level = Level.BLOCKING) -> e.TrustChecked:
    return e.TrustChecked(
        service="git",
        check=TrustCheck.SIGNATURE,
        result=Result.NOT_CHECKED,
        finding=Finding(level, STOPPED, "git"),
        consent="git:signature",
    )


ACCEPT = e.Asked(
    ask=70,
    question=Question.ACCEPT,
    choices=(Choice.GO, Choice.CANCEL),
    default=Choice.CANCEL,
    options=("git:signature",),
)


@pytest.mark.parametrize(("story", "step"), [("pull", Step.PULL), ("versions", Step.VERSIONS)])
async def test_going_on_in_spite_of_a_check_takes_a_deliberate_yes(tmp_path: Path, story: str, step: Step) -> None:
    async with wizard(story, tmp_path, size=LARGE) as driven:
        driven.decisions()
        await driven.tell(stopped())
        await driven.tell(ACCEPT)
        await driven.shows("These checks stop the update. Continue anyway?")
        await driven.shows("cosign could not check the signature")
        await driven.shows("git:signature")
        assert route.pane(driven.app.state) is step
        await driven.press("enter", "enter")
        assert driven.decisions() == []
        await driven.press_and_answer("enter", "y")
        decision = driven.decision()
        assert (decision.choice, decision.ask) == (Choice.GO, 70)


async def test_a_program_that_runs_on_images_is_named(tmp_path: Path) -> None:
    async with wizard("pull", tmp_path, size=LARGE) as driven:
        for name in ("git", "proxy"):
            await driven.tell(e.CheckStarted(service=name, check=TrustCheck.SIGNATURE, program="cosign"))
        await driven.tell(stopped(Level.OK))
        await driven.shows("Running cosign on the image of proxy.")
        assert driven.app.state.checking.keys() == {"proxy"}


async def test_what_was_accepted_is_shown_beside_the_versions(tmp_path: Path) -> None:
    async with wizard("versions", tmp_path, size=LARGE) as driven:
        await driven.tell(stopped(Level.WARNING))
        await driven.shows("Review 1 warning")
        await driven.shows("!  git ")
        await driven.shows("it is not installed")
