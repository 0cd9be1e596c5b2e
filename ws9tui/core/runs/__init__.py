"""The verbs, from the request to the outcome.

`run` is the way of each: `opening`, `preflight`, `prepare` with `selection`, then the commit; `rollback` and `recovery`
with `reachable` and `salvage`; `adopt`; `ending` and `install_hints`.
"""
