"""The detached process that does the work; front ends see only its journal.

Of the front ends: `handle` (a run, started or attached to), `launch` (so that it outlives them), `next_run`. Of the
process: `work`, `preload`, and `notices` with `telling` (who is told of the run besides).
"""
