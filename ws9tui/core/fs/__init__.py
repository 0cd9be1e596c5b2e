"""Files of people, written safely.

`files` (hashes, and replacing one at an instant), `places` (where a file really is, held by descriptor), `xattrs`,
`whole` (large files that get their name when they are whole), `tar_bounds` (what an archive may hold at most) and
`tar_members` (how one is written).
"""
