"""The Compose command: found, called, and its output read."""
