"""The Docker engine.

Where it is: `endpoint`, `ssh`. How it is called: `client`, `calls`. What it is asked: `engine`, with `data`,
`file_extras`, `definitions`, `pull_stream`, `load`, `execute`, `answers`, `refused`. What it says: `records`,
`definition_records`, `messages`; and what went wrong: `problems`, `ssh_problems`.
"""
