"""The data of services: which of it a plan saves and restores, and how it is copied, exactly and verified.

`plan` with `suggest` and `mounts`, `transfer` with `mount_copies` and `tar_listing`. A project's backup in a file:
`inventory`, `save_plan`, `saving` with `save_writer`; `load_plan`, `save_reader`. `progress` reports the progress of
each.
"""
