"""The outside world behind the protocols of :mod:`ws9tui.core.ports`.

`engine` (by the Docker SDK), `registry` (asked by ourselves), `compose` (the command), `programs` (others that are
installed); `probe` and `notices` ask and tell URLs. `child` runs any command, `read_only` knows a disk by its errors.
"""
