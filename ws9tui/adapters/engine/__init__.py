"""The Docker engine, through the Docker SDK.

Address: `endpoint`, `ssh`. Transport: `client`, `calls`. The port: `engine`, with `data`, `file_extras`, `definitions`,
`pull_stream`, `load`, `execute`, `answers`, `refused`. Parsing of answers: `records`, `definition_records`, `messages`.
Error mapping: `problems`, `ssh_problems`.
"""
