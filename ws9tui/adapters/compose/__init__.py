"""The Compose command: found, called, and its output read.

`compose` is the port; `arguments` (what it is called with), `output` (what it prints), `places` (where it may be that
PATH leaves out).
"""
