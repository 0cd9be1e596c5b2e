"""Data of services: which a plan saves and brings back, and how it is moved, exactly and proved.

`plan` with `suggest` and `mounts`, `transfer` with `mount_copies` and `tar_listing`. A project's backup in a file:
`inventory`, `save_plan`, `saving` with `save_writer`; `load_plan`, `save_reader`. `progress` says how far each is.
"""
