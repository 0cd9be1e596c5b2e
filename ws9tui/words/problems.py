"""Renders problems: the sentence that says what is wrong, what to do about it, and a short form for tables.

The templates are in the ``texts_*`` modules, one for each subject.
"""

from __future__ import annotations

import re

from ws9tui.core.model import newer
from ws9tui.core.model.codec import encoded
from ws9tui.core.model.reference import Reference
from ws9tui.problems.data import AfterCopyMissing
from ws9tui.problems.image import ManifestUnknown
from ws9tui.problems.plan import ImageChanged
from ws9tui.problems.problem import KINDS, Problem, Reason, read
from ws9tui.problems.run import RollbackFailed
from ws9tui.words import (
    texts_acceptance,
    texts_archive,
    texts_bundle,
    texts_data,
    texts_engine,
    texts_files,
    texts_hanging,
    texts_hooks,
    texts_image,
    texts_migration,
    texts_plan,
    texts_project,
    texts_reach,
    texts_reasons,
    texts_release,
    texts_run,
    texts_saved,
    texts_trust,
    texts_upgrade,
)
from ws9tui.words.language import in_english
from ws9tui.words.template import fill
from ws9tui.words.text import clean, paragraph, short_reference
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    **texts_acceptance.WORDINGS,
    **texts_archive.WORDINGS,
    **texts_bundle.WORDINGS,
    **texts_engine.WORDINGS,
    **texts_files.WORDINGS,
    **texts_image.WORDINGS,
    **texts_project.WORDINGS,
    **texts_reach.WORDINGS,
    **texts_reasons.WORDINGS,
    **texts_plan.WORDINGS,
    **texts_hanging.WORDINGS,
    **texts_hooks.WORDINGS,
    **texts_run.WORDINGS,
    **texts_saved.WORDINGS,
    **texts_trust.WORDINGS,
    **texts_data.WORDINGS,
    **texts_release.WORDINGS,
    **texts_migration.WORDINGS,
    **texts_upgrade.WORDINGS,
}

if lacking := [code for code, kind in KINDS.items() if kind not in WORDINGS]:
    raise TypeError(f"no words for {', '.join(sorted(lacking))}")

_HELD_PORT = re.compile(r"Bind for \S*:(\d+) failed: port is already allocated")
"""the engine's message for a taken port"""


def title(problem: Problem) -> str:
    """Returns what is wrong, or what was found: one sentence."""
    wording = _wording(problem)
    return fill(wording.title, _facts(problem)) if wording else _unknown(problem)


def remedy(problem: Problem) -> str:
    """Returns what to do about a problem; empty if there is nothing to do."""
    wording = _wording(problem)
    return fill(wording.remedy, _facts(problem)) if wording else ""


def brief(problem: Problem, without: str = "") -> str:
    """Returns a problem in a few words, for a table cell or the end of a line, omitting the fact ``without``."""
    wording = _wording(problem)
    if wording is None or not wording.brief:
        return title(problem).removesuffix(".")
    return fill(wording.brief, {name: fact for name, fact in _facts(problem).items() if name != without})


def in_words(reason: Reason | str) -> str:
    """Returns a reason in words; a text from elsewhere is returned as it is."""
    return brief(reason) if isinstance(reason, Reason) else reason


def sentence(problem: Problem) -> str:
    """Returns what is wrong and what to do about it."""
    return paragraph((title(problem), remedy(problem)))


def for_scripts(value: object) -> object:
    """Encodes a value for scripts: as in journals, but a problem's reasons are in English."""
    return {"code": value.code, "facts": spoken(value)} if isinstance(value, Problem) else encoded(value)


def spoken(problem: Problem) -> dict[str, str]:
    """Returns the facts of a problem, with its reasons in English."""
    with in_english():
        return {name: brief(reason) for name, reason in problem.reasons.items()} | problem.facts


def _wording(problem: Problem) -> Wording | None:
    """Returns the wording of a problem, even with facts of another version; None for an unknown code."""
    kind = KINDS.get(problem.code)
    return WORDINGS[kind] if kind else None


def _facts(problem: Problem) -> dict[str, str]:
    """Returns the non-empty facts of a problem, and facts derived from them, such as a port in an engine's message.

    In older journals ``None`` and line 0 mean unknown. A version that does not change is named once, and a moving tag
    (`latest`, `1`) is not a version to change to.
    Docker Hub is shown by that name, and a login to it needs no name.
    """
    facts = {key: fact for key, fact in problem.facts.items() if fact not in ("", "None")}
    facts |= {name: brief(reason) for name, reason in problem.reasons.items()}
    if facts.get("line") == "0":
        del facts["line"]
    if "old_version" in facts and facts["old_version"] == facts.get("new_version"):
        facts["same_version"] = facts.pop("old_version")
        del facts["new_version"]
    if isinstance(problem, ImageChanged) and _is_moving_tag(facts):
        facts["moving_tag"] = facts.pop("new_version")
    if isinstance(problem, ImageChanged) and facts.get("old") == facts.get("new"):
        facts |= {"old": facts.get("old_id", ""), "new": facts.get("new_id", "")}
    if isinstance(problem, ManifestUnknown) and (reference := Reference(facts.get("reference", ""))).tag:
        facts |= {"tag": reference.tag, "repository": short_reference(reference.name)}
    if isinstance(problem, AfterCopyMissing) and facts.get("reason") in KINDS:
        facts["reason"] = brief(read(facts["reason"], {}))
    if isinstance(problem, RollbackFailed):
        facts |= {"reason": brief(problem.cause), "todo": remedy(problem.cause)}
    if held := _HELD_PORT.search(problem.facts.get("detail") or problem.facts.get("reason", "")):
        facts["held_port"] = held[1]
    registry = facts.get("registry", "")
    if registry in ("docker.io", "index.docker.io"):
        facts["registry"] = "Docker Hub"
    elif registry:
        facts["login"] = registry
    return facts


def _is_moving_tag(facts: dict[str, str]) -> bool:
    """Whether the new version is only the tag, which does not tell the version of its new image."""
    old, new = facts.get("old_version", ""), facts.get("new_version", "")
    return bool(old) and new == Reference(facts.get("new", "")).tag and tells_no_version(new, old)


def tells_no_version(tag: str, running: str) -> bool:
    """Whether a tag moves, or is only the beginning of the running version: such a tag names no version."""
    return newer.moves(tag) or running.startswith(f"{tag.partition('-')[0]}.")


def _unknown(problem: Problem) -> str:
    """Returns a text for an unknown code, perhaps from a newer version's journal: the code and all its facts."""
    name = clean(problem.code, 80).replace("-", " ") or "unnamed problem"
    facts = ", ".join(f"{clean(key, 40)} {clean(fact, 200)}" for key, fact in problem.facts.items() if fact)
    name = name[:1].upper() + name[1:]
    return f"{name}: {facts}." if facts else f"{name}."
