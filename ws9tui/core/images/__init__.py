"""Phase one: images are resolved, fetched by digest or loaded from archives, and verified.

Reading order. Resolving: `resolve` and `lookup` (what registries offer) on top of `offers` (one query per run),
`listing` (tags of a repository), `offline` and `archive` (without a registry). Checks besides the version: `path` and
`trust` with `scan`; `room` (disk space and pull limits). Fetching: `fetch` (of one run), `pull` and `load` with
`progress`, `verify`; `archive_writer` serves loads, `bundle_file` reads bundles and `bundle_writer` writes them.
"""
