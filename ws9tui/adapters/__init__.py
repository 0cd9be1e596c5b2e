"""The real implementations of the protocols of :mod:`ws9tui.core.ports`.

`engine` (through the Docker SDK), `registry` (direct HTTP), `compose` (the command), `programs` (other installed
programs); `probe` checks that a URL answers, `notices` sends notifications. `child` runs any command, `read_only`
recognizes a read-only disk in error texts.
"""
