"""The journal of a run: its events, its file, and the state that is folded from them.

`events`, `journal`, `confidential` (through which all goes that it gets), `run_state`, `fold` (with `choice_state`,
`pull_state`, `step_state`), `timeline` (when what was done); `ledger` (what a run has made) with `data_state` (what it
has done with data); `presence` (who is there to answer, which no journal could tell).
"""
