"""All messages to the operator: one class for each problem and each reason, with its facts as typed fields.

A module here has the problems of one topic, and the module of that topic in :mod:`ws9tui.words` has their sentences,
one for each problem (checked at import). A reason is a problem that is a fact of other problems. In a journal, and for
scripts, a problem is its code and its facts as texts: :mod:`ws9tui.problems.problem`.
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
