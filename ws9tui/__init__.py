"""Updates a Docker Compose deployment as a two-phase commit.

The course of an update, from the keystroke to the container and back:

1. `cli` or `wizard` (the front ends) start a worker through `worker.handle`; from then on they read only the run's
   journal. A key press appends a decision to the journal; every pane and every line is drawn from the state that
   `core.journal.fold` builds from its events, in the wording of `words`.
2. `worker` is a separate process that outlives the terminal. It gives `core.runs.run` a `core.session`: the journal,
   and the outside world behind `core.ports`.
3. `core.runs` opens the run (`core.compose` finds the project, `core.store` takes its lock), surveys the deployment
   (`core.inspect`), asks what to update, and refuses what could not be completed.
4. Phase one, `core.images`: all images are fetched by digest and verified; no running container and no tag changes.
5. `core.commit.planner`, a pure function, computes what will change; the operator confirms that plan.
6. Phase two, `core.commit`: data is backed up (`core.data`), files are put in place, Compose recreates containers, the
   health gate watches them; then the new generation is kept, or the run converges to the previous one in the same way.
   A generation is an immutable record of a deployment: rollback and recovery are the same verb with another target.

`adapters` implements the ports for real systems (the only package that knows the Docker SDK), `simulation` for the
demo and for fast tests. `websoft9` is the profile of one product on top of the core. `problems` has one class for each
thing that can be wrong, `errors` says what the program does about it, and `words` has the wording. Allowed imports are
a contract in `pyproject.toml`; inside the core a package imports only those listed after it in `core`.
"""

__version__ = "0.1.0"
