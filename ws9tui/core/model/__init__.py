"""What everything else speaks of: projects, image references, plans, what an engine has, and the terms of a run.

Pure records and rules, read in this order: `terms`, `source`, `options`, `project` (with `project_config`, as Compose
gives it, `own_network` and `contents`), `reference` (with `version`, `newer` and `evidence`), `observed` with
`definitions`, `image` (from the reference to what runs), `namespaces`, `plan`, `release`, `bundle`; `durations`,
`commands` (what people are told to type) and `masking` (secrets in texts) serve all.
"""
