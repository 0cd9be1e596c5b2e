"""The Compose command: how it is found and called, and how its output is read.

`compose` implements the port; `arguments` (arguments and environment), `output` (what Compose prints), `places` (where
Compose may be installed outside PATH).
"""
