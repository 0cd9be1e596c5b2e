"""A product's releases: fetched, installed for the first time, and merged with what the operator has made of them.

`fetch`, `form` and `answer_file` (of a first install), `install`, `of_bundle`, `upgrade` with
`merge_env`, `merge_text`, `override`.
"""
