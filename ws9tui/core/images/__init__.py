"""Phase one: images are resolved, fetched by digest or from archives, and proved.

`resolve` and `lookup` (what registries have), `offline` and `archive` (what there is without one), `fetch` (of a run),
`pull` and `load` with `progress`, `verify`; `archive_writer` serves loads, `bundle_file`
reads a bundle and `bundle_writer` makes one.
"""
