"""The verbs, from the request to the outcome: each says which generation is wanted, and asks; `commit` goes there.

`run` chooses: `opening` with `detect` and `product` (what product it is), then `update` with `walk` (`selection`,
`preflight`, `prepare`, `confirm`, and back); `rollback` with `reachable` and `salvage`; `recovery` with `interrupted`;
`adopt`; `bundle`; `backup` with `resume`, `restore`; `ending` and `install_hints`.
"""
