"""A product's releases: fetched, installed for the first time, and merged with the operator's changes.

`fetch`, `form` and `answer_file` (of a first install), `install`, `of_bundle`, `upgrade` with `merge_env`,
`merge_text`, `override`.
"""
