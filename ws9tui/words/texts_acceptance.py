"""Words for a product's acceptance checks."""

from __future__ import annotations

from ws9tui.problems import acceptance
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

WORDINGS: dict[type[Problem], Wording] = {
    acceptance.CheckFailed: Wording(
        "The check '{check}' does not pass[: {reason}].",
        "",
        "{check}[: {reason}]",
    ),
    acceptance.CheckFailedBefore: Wording(
        "The check '{check}' does not pass already now[: {reason}]. It is not required after the update.",
        "Repair it first, if the update is to be rolled back by it.",
        "{check} does not pass already now",
    ),
    acceptance.CheckFailsStill: Wording(
        "The check '{check}' does not pass[: {reason}]. Nothing is rolled back by it: it did not pass before either.",
        "",
        "{check}[: {reason}]",
    ),
    acceptance.ChecksSkipped: Wording(
        "Skipped checks[ ({reason})]: {checks}.",
        "",
        "skipped checks: {checks}",
    ),
    acceptance.ChecksPass: Wording(
        "These checks pass: {checks}.",
        "",
        "{checks}",
    ),
    acceptance.ChecksRequired: Wording(
        "These checks pass now and must pass after the update, else it is rolled back: {checks}.",
        "",
        "required after the update: {checks}",
    ),
}
