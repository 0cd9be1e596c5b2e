"""The outside world behind the protocols of :mod:`ws9tui.core.ports`: the Docker SDK, Compose, registries."""
