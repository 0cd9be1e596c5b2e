"""A simulated engine, for the demo and for fast tests, held to the real one by a shared contract test.

`engine` (with `data`, `definitions` and `registries`), `compose` (with `up`) and `programs` implement the ports;
`world` is the state that they share, `images` and `life` are its images and the behaviour of its containers. `project`
reads a project's files, which hold what `docker compose config` prints; `scenarios` are those of the demo, each
described as a `scenario` of a project in `projects`.
"""
