"""Phase two: a project converges to a generation, is watched, and that is kept or rolled back.

`goal` (which generation, and what was confirmed), `record` (what is there, as a generation), `planner` (pure, with
`notes`), `converge` (the one verb), `hooks` (before it and at its end), `execute` (of a plan, with `beside` and
`restore`), `watch` (with `rules`, `acceptance` and `logs`), `back` (the way back), `diagnose` (what runs then),
`cleanup` (what is not needed any more). `pause` (all is stopped for a backup, and started again) and `loading` (what a
backup has is put in its place).
"""
