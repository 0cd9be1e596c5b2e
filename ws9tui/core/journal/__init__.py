"""The journal of a run: its events, its file, and the state that is folded from the events.

Reading order: `events`, `journal`, `confidential` (masks secrets before they are written), `run_state`, `fold` (with
`choice_state`, `pull_state`, `step_state`), `timeline` (durations of steps and downtimes); `ledger` (what a run has
created) with `data_state` (backups and restores); `presence` (whether an operator is attached).
"""
