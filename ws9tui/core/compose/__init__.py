"""A project's files: which they are, what is read from them besides Compose's resolved form, and how they are edited.

`locate` (with `seen` and `same`), `inputs`, `definition` with `settings`, `hook_settings` and `nodes`, `envfile`,
`edit`; `mirror` and `inside` query Compose about files that are not in place; `sensitive` collects the secrets that
must not be shown.
"""
