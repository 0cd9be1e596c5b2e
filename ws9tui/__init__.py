"""Updates a Docker Compose deployment as a two-phase commit.

The life of an update, from the keystroke to the container and back:

1. `cli` or `wizard` (front ends) start a worker through `worker.handle` and from then on know only the run's journal.
   A key appends a decision to it; every pane and every line is drawn from the state that `core.journal.fold` makes of
   its events, in the words of `words`.
2. `worker` is a process of its own that outlives the terminal. It gives `core.runs.run` a `core.session`: the journal,
   and the outside world behind `core.ports`.
3. `core.runs` opens the run (`core.compose` finds the project, `core.store` takes its lock), looks around
   (`core.inspect`), asks what is to be updated and refuses what could not be brought to its end.
4. Phase one, `core.images`: all is fetched by digest and proved; nothing that runs is touched, no tag moves.
5. `core.commit.planner` says, as a pure function, what will change; the operator agrees to that plan.
6. Phase two, `core.commit`: data is saved (`core.data`), files are put in place, Compose recreates, services are
   watched; then the new generation is kept, or the one before is converged to in the same way. A generation is an
   immutable record of a deployment: rollback and recovery are the same verb with another target.

`adapters` are the ports for real (the only part that knows the Docker SDK), `simulation` the same for the demo and for
fast tests. `websoft9` is a profile of one product on top of the core. `problems` is all that can be wrong, a class
each, `errors` the one tree of what is done about it, and `words` says it. Who may import whom is a contract in
`pyproject.toml`; inside the core a room imports those below it only (`core`).
"""

__version__ = "0.1.0"
