"""A project's files: which they are, what is read from them besides what Compose resolves, and how they are edited.

`locate` (with `seen` and `same`), `inputs`, `definition` with `settings`, `hook_settings` and `nodes`, `envfile`,
`edit`; `mirror` and `inside` ask Compose about files that are not in place; `sensitive` tells what of them must not be
shown.
"""
