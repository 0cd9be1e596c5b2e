"""What is known of Websoft9: its layouts, its releases, and which of its data moves with a version.

`profile` is what the core is told. What there is: `layout`, `plugins`, `migration` and `upstream` (one that has begun,
and what upstream's own script would make of it), `acceptance` (whether it works). Releases: `channels`, `fetch` with
`download` and `unzip`, `release` with `manifest`, `composefile` and `templates`. Instead of upstream's own command:
`contract` and `dropin`.
"""
