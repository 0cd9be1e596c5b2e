"""What is there, before anything is done to it.

`projects` (which may be meant), `opened` (the one that a run has to itself), `survey` (what it is and what runs of it),
`condition` and `gate` (whether it is well), `acceptance` and `urls` (whether its product does its work), `host` and
`networks` (what it needs besides), `within` and `reach` (where we stand beside the engine), `writable`, `entrusted`
(who else can change it), `stops` (what the engine goes on doing); `staging` and `trial` say what edits would make of
it, and `snapshot` makes a generation of what is there, or of what is to be.
"""
