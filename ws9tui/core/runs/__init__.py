"""The verbs, from request to outcome: each determines the wanted generation and confirms it; `commit` carries it out.

`run` dispatches: `opening` with `detect` and `product` (the product a project belongs to), then `update` with `walk`
(`selection`, `preflight`, `prepare`, `confirm`, and back); `rollback` with `reachable` and `salvage`; `recovery` with
`interrupted`; `adopt`; `bundle`; `backup` with `resume`, `restore`; `ending` and `install_hints`.
"""
