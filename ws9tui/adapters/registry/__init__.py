"""Image registries: queried directly over HTTP, with Docker's logins.

`access` implements the port: `places` (addresses, TLS, proxies), `logins`, `client` (one registry) over `exchange`
(bounded HTTP); `tags` and `manifests` read a repository, `errors` maps an engine's texts about registries to problems.
"""
