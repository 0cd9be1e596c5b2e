"""The shared data model: projects, image references, plans, observed engine state, and the terms of a run.

Pure records and rules; reading order: `terms`, `source`, `options`, `project` (with `project_config`, its JSON from
Compose, `own_network` and `contents`), `reference` (with `version`, `newer` and `evidence`), `offered` (a registry's
description) and `offer` (an update candidate of a service) with `policy`, `mirrors` and `upgrade_path`, `observed` with
`definitions`, `image` (from the reference to the running image), `trust` (checks of images), `namespaces`, `plan`,
`hooks`, `notices`, `acceptance`, `release`, `bundle`, `project_view`; used throughout: `durations`, `commands` (command
lines suggested to the operator), `masking` (secrets in texts) and `codec`.
"""
