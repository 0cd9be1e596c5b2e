"""A simulated engine, for the demo and for fast tests, held to the real one by a shared contract test.

`engine` (with `data`, `definitions` and `registries`), `compose` (with `up`) and `programs` are the ports; `world` is
what they share, `images` and `life` what is in it: images, and how containers behave. `project` reads a project's
files, which are what `docker compose config` prints; `scenarios` are those of the demo, each described as a `scenario`
of a project in `projects`.
"""
