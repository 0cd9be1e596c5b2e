"""What everything else speaks of: projects, image references, plans, what an engine has, and the terms of a run.

Pure records and rules, read in this order: `terms`, `source`, `options`, `project` (with `project_config`, as Compose
gives it, `own_network` and `contents`), `reference` (with `version`, `newer` and `evidence`), `offered` (a registry's
description) and `offer` (what may be had for a service) by `policy`, `mirrors` and `upgrade_path`, `observed` with
`definitions`, `image` (from the reference to what runs), `trust` (what else is asked of it), `namespaces`, `plan`,
`hooks`, `notices`, `acceptance`, `release`, `bundle`, `project_view`; `durations`, `commands` (what people are told to
type), `masking` (secrets in texts) and `codec` serve all.
"""
