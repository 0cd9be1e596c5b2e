"""A simulated engine, for the demo and for fast tests, held to the real one by a shared contract test.

`engine` and `compose` are the ports; `world` is what they share, `life` how its containers behave, `scenario` how a
world is described, `scenarios` those of the demo.
"""
