"""The verbs, from the request to the outcome: each says which generation is wanted, and asks; `commit` goes there.

`run` chooses: `opening`, then `update` with `selection`, `preflight`, `prepare` and `confirm`; `rollback` with
`reachable` and `salvage`; `recovery` with `interrupted`; `adopt`; `bundle`; `ending` and `install_hints`.
"""
