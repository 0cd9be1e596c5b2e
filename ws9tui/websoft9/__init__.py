"""Everything specific to Websoft9: its layouts, its releases, and the data that belongs to a version.

`profile` is the interface to the core. Installations: `layout`, `plugins`, `migration` and `upstream` (a migration in
progress, and what upstream's own script would do on the host), `acceptance` (whether Websoft9 works). Releases:
`channels`, `fetch` with `download` and `unzip`, `release` with `manifest`, `composefile` and `templates`. Drop-in
replacement of upstream's upgrade command: `contract` and `dropin`.
"""
