from __future__ import annotations

from ws9tui.core.journal import data_state, ledger
from ws9tui.core.journal import events as e
from ws9tui.core.journal.data_state import DataFacts
from ws9tui.core.journal.events import Event
from ws9tui.core.model.plan import AFTER, BEFORE, DataTarget, Plan, PlannedBackup, PlannedRestore, Task
from ws9tui.problems.problem import read

DATA = (DataTarget("/data", "volume", "p_data", 10),)
PLAN = Plan(1, 2, backups=(PlannedBackup("db", "sha256:a", DATA, read("backup-set", {}), chosen=True),))
BACK = Plan(2, 1, restores=(PlannedRestore("db", "/b/1", "", 10, DATA, "sha256:a"),))


def made(role: str, folder: str) -> e.BackupMade:
    return e.BackupMade(service="db", generation=1, role=role, folder=folder, size=1, stored=1, files=1, seconds=0.1)


SAVED = made(BEFORE, "/b/1")
ASIDE = made(AFTER, "/b/2")
BEGUN = e.RestoreStarted(service="db", folder="/b/1")
DONE = e.RestoreFinished(service="db", folder="/b/1", size=1, seconds=0.1)
SAVE = Task(save=BEFORE, targets=DATA, image_id="sha256:a")


def forward(*events: Event, plan: Plan = PLAN) -> dict[str, Task]:
    return data_state.forward(plan, ledger.fold(events).data)


def back(*events: Event, data: bool = True) -> dict[str, Task]:
    return data_state.back(ledger.fold(events).data, data=data)


def test_what_is_left_on_the_way_forward() -> None:
    assert forward() == {"db": SAVE}
    assert forward(SAVED) == {}
    assert forward(SAVED, BEGUN) == {"db": Task(load="/b/1")}, "half restored, and nothing was put aside"
    assert forward(SAVED, ASIDE, BEGUN) == {"db": Task(load="/b/2")}, "what the new version had written comes back"
    assert forward(SAVED, ASIDE, BEGUN, DONE) == {}


def test_what_is_left_on_the_way_back() -> None:
    assert back() == {}
    restore = Task(save=AFTER, load="/b/1", must_save=False)
    assert back(SAVED) == {"db": restore}
    assert back(SAVED, ASIDE) == {"db": restore}
    assert back(SAVED, ASIDE, BEGUN) == {"db": Task(load="/b/1")}, "what is half restored is not saved again"
    assert back(SAVED, ASIDE, BEGUN, DONE) == {}, "what the earlier version has written since stays"
    assert back(SAVED, data=False) == {}
    assert back(SAVED, BEGUN, data=False) == {"db": Task(load="/b/1")}, "half of it is no data"


def test_a_rollback_with_data_saves_what_it_replaces() -> None:
    present = made(BEFORE, "/b/9")
    whole = Task(save=BEFORE, load="/b/1", targets=DATA, image_id="sha256:a")
    rest = Task(load="/b/1", targets=DATA, image_id="sha256:a")
    assert forward(plan=BACK) == {"db": whole}
    assert forward(present, plan=BACK) == {"db": rest}
    assert forward(present, BEGUN, plan=BACK) == {"db": rest}
    assert forward(present, BEGUN, DONE, plan=BACK) == {}
    facts = ledger.fold([present, BEGUN]).data
    assert data_state.back(facts, data=True) == {"db": Task(load="/b/9")}
    assert data_state.folders(facts) == {"/b/9", "/b/1"}


def test_what_was_not_chosen_is_left_alone() -> None:
    none = Plan(1, 2, backups=(PlannedBackup("db", "a", DATA, read("backup-possible", {}), chosen=False),))
    assert data_state.forward(none, DataFacts()) == {}
