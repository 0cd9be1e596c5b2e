"""Updates a Docker Compose deployment as a two-phase commit."""

__version__ = "0.1.0"
