"""Safe file operations on the operator's files.

`files` (hashes, attributes, atomic replacement), `places` (real paths, folders held by descriptor), `xattrs`, `whole`
(large files that get their name when they are complete), `tar_bounds` (limits for archives that are read) and
`tar_members` (tar members that are written).
"""
