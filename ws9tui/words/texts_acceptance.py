"""Messages about a product's acceptance checks."""

from __future__ import annotations

from ws9tui.problems import acceptance
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    acceptance.CheckFailed: Wording(
        "The check '{check}' fails[: {reason}].",
        brief="{check}[: {reason}]",
    ),
    acceptance.ChecksFailedBefore: Wording(
        "These checks fail before the update already[ ({reason})], so they are not required after it: {checks}.",
        "Repair it first if their failure is to roll the update back.",
        "not required, since they fail already: {checks}",
    ),
    acceptance.CheckFailsStill: Wording(
        "The check '{check}' fails[: {reason}]. It was not required, so nothing is rolled back.",
        brief="{check}[: {reason}]",
    ),
    acceptance.ChecksSkipped: Wording(
        "Skipped checks[ ({reason})]: {checks}.",
        brief="skipped checks: {checks}",
    ),
    acceptance.ChecksPass: Wording(
        "These checks pass: {checks}.",
        brief="{checks}",
    ),
    acceptance.ChecksRequired: Wording(
        "These checks pass now and must pass after the update, else it is rolled back: {checks}.",
        brief="required after the update: {checks}",
    ),
}
