"""Data of services: which a plan saves and brings back, and how it is moved, exactly and proved.

`plan` with `suggest` and `mounts`, `transfer`, `tar_listing`.
"""
