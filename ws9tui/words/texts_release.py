"""Words for releases: getting one, checking it, and putting it together with what is installed."""

from __future__ import annotations

from ws9tui.words.wording import Wording

WORDINGS: dict[str, Wording] = {
    # --- putting it together
    "env-unmergeable": Wording(
        "The env files cannot be put together[: {key} would not have its value afterwards].",
        "A quote that is never closed is a likely cause. Correct it in the project's env file.",
        "the env files cannot be put together",
    ),
    "env-conflict-open": Wording(
        "{key} was changed both here and by the release, and nothing says which value is to count.",
        "Choose one.",
        "{key} is not decided",
    ),
    "env-conflict-unknown": Wording(
        "There is nothing to decide on {key}[; to decide on are {known:list}].",
        "Check the name.",
        "nothing to decide on {key}",
    ),
}
