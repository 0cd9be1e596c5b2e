"""The proofs that nothing breaks it, each with its figures on one line, printed after a session that ran it.

Each is a program: `python -m pytest` with its files; the kill sweep is one of its own besides, for its full length.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

PROOFS = {
    "kill sweep": ("test_kill_sweep.py", "test_recovery.py", "test_accepted_stops.py"),
    "others at work": ("test_others_at_work.py",),
    "soak": ("test_soak.py",),
    "state machine": ("test_state_machine.py", "test_contract.py", "test_contract_compose.py"),
    "SSH drop": ("test_ssh_drop.py",),
    "hostile text": ("test_hostile_text.py", "test_fuzz.py"),
    "secrets": (
        "test_secrets.py",
        "test_journal_confidential.py",
        "test_model_masking.py",
        "test_compose_sensitive.py",
        "test_worker_output.py",
    ),
    "permissions": ("test_permissions.py",),
    "twins": ("test_twins.py", "test_as_compose_makes_them.py"),
    "two at once": ("test_two_at_once.py", "test_conflicts.py"),
    "bad input": (
        "test_bad_input.py",
        "test_runs_clock.py",
        "test_runs_liars.py",
        "test_store_records.py",
        "test_runs_terminated.py",
        "test_paused_engine.py",
        "test_read_only_disk.py",
        "test_salvage.py",
        "test_state_trouble.py",
    ),
}
"""proof → the files of its tests; the matrix of faults is a table of its own"""
_COUNTED: dict[str, Counter[str]] = {}


@dataclass
class Tally:
    """How the tests of one file have ended."""

    ended: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def count(proof: str, what: str, number: int = 1) -> None:
    """Count something that a proof has done, for its line."""
    assert proof in PROOFS, proof
    _COUNTED.setdefault(proof, Counter())[what] += number


def summary(tallies: dict[str, Tally]) -> list[str]:
    """One line for each proof of which something ran; ``tallies`` are by file."""
    lines = []
    for proof, files in PROOFS.items():
        found = [tallies[name] for name in files if name in tallies]
        ended: Counter[str] = sum((tally.ended for tally in found), Counter())
        if not ended:
            continue
        figures = [f"{number} {what}" for what, number in _COUNTED.get(proof, Counter()).items()]
        figures += [f"{sum(ended.values())} tests", f"{ended['failed']} failed"]
        figures += [f"{ended['skipped']} skipped"] if ended["skipped"] else []
        lines.append(f"{proof}: {', '.join(figures)}, {sum(tally.seconds for tally in found):.0f} s")
    return lines
