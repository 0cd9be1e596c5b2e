"""Phase two: converges a project to a generation, watches it, and keeps it or rolls it back.

`goal` (the target generation and what was confirmed), `record` (the present state as a generation), `planner` (pure,
with `notes`), `converge` (the one verb), `hooks` (before the commit and at its end), `execute` (runs a plan, with
`beside` and `restore`), `watch` (with `rules`, `acceptance` and `logs`), `back` (the rollback), `diagnose` (what runs
after it), `cleanup` (removes what is no longer needed). `pause` (stops everything for a backup and starts it again) and
`loading` (restores the data of a backup).
"""
