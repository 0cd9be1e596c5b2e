"""Image registries: asked directly, with the logins that Docker has.

`access` is the port: `places` (where and how), `logins`, `client` (one registry) over `exchange` (one bounded HTTP
conversation); `tags` and `manifests` read what it has, `errors` what an engine says of it.
"""
