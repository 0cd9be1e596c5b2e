"""The detached process that does the work of a run; front ends communicate with it only through the journal.

Used by front ends: `handle` (a run, started or attached to), `launch` (starts the process so that it outlives them),
`next_run`. Parts of the process: `work`, `preload`, and `notices` with `telling` (notifications about the run).
"""
