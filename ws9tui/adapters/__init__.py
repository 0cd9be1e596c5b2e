"""The outside world behind the protocols of :mod:`ws9tui.core.ports`: Docker's SDK, Compose, a simulation."""
