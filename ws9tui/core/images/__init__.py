"""Phase one: images are resolved, fetched by digest or from archives, and proved.

`resolve` and `lookup` (what registries have) by `offers` (asked once a run), `listing` (their tags), `offline` and
`archive` (what there is without one); `path` and `trust` with `scan` (what is asked of an image besides its version),
`room` (what it needs); `fetch` (of a run), `pull` and `load` with `progress`, `verify`; `archive_writer` serves loads,
`bundle_file` reads a bundle and `bundle_writer` makes one.
"""
