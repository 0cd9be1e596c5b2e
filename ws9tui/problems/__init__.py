"""What the operator is told: one class for each problem and each cause, with the facts of it as typed fields.

A module here has the problems of one field of work, and the module of that field in :mod:`ws9tui.words` has their
sentences; each problem has its own (checked as they are imported). A reason is a problem too, which others have as a
fact. In a journal, and for scripts, a problem is its code and its facts as texts: :mod:`ws9tui.problems.problem`.
"""

from ws9tui.problems import (  # noqa: F401 - each is known by its code once its module is imported
    acceptance,
    archive,
    bundle,
    data,
    engine,
    files,
    hanging,
    hooks,
    image,
    migration,
    plan,
    project,
    reach,
    reasons,
    reasons_files,
    release,
    run,
    saved,
    trust,
    upgrade,
)
