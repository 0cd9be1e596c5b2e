"""Phase two: the plan is made and carried out; it is watched, and kept or rolled back.

`planner` (pure), `commit` (forward, and the choice), `converge` (to a generation, with `beside` and `restore`),
`watch`, `back` (the way back), `aftermath` and `standing` (what runs then), `retention` and `cleanup`.
"""
