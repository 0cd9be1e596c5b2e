"""Phase two: the plan is made and carried out; it is watched, and kept or rolled back.

`planner` (pure), `converge` (to a generation, with `beside` and `restore`), `watch`, `commit` (keep or go back),
`aftermath` and `standing` (what runs then), `retention` and `cleanup`.
"""
