"""What ws9tui knows and decides: no terminal, no Docker SDK, no Compose command."""
