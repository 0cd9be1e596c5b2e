"""Inspection: what a project is, what runs of it and how it is doing. Changes nothing.

`projects` (the candidates to choose from), `opened` (the project that a run has locked), `survey` (definition,
containers and images), `condition` and `gate` (health before and after), `acceptance` and `urls` (the product's own
checks), `host` and `networks` (what the project needs of the host), `within` and `reach` (where this program runs
relative to the engine), `writable`, `entrusted` (who else can change the files), `stops` (stops still under way);
`staging` and `trial` resolve edits before they are made, and `snapshot` builds generations.
"""
