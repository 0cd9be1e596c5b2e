"""What ws9tui knows and decides: no terminal, no Docker SDK, no Compose command.

Its rooms, each of which imports only those that stand after it: `runs` (the verbs), `commit` (phase two), `releases`
(of a product), `data` (of services), `images` (phase one), `inspect` (what is there), `session` (what one run has at
hand), `store` (the state directory), `compose` (a project's files), `journal` (events and state), `ports` (the outside
world), `blocking` and `connections`, `fs` (files written safely), `model` (what all of them speak of).
"""
