"""What ws9tui knows and decides, independent of terminals, the Docker SDK and the Compose command.

Its subpackages and modules, each of which imports only those listed after it: `runs` (the verbs), `commit` (phase two),
`releases` (of a product), `data` (of services), `images` (phase one), `inspect` (the present state), `session` (the
resources of one run), `store` (the state directory), `compose` (a project's files), `journal` (events and state),
`ports` (the outside world), `blocking` and `connections`, `fs` (safe file operations), `model` (shared types).
"""
