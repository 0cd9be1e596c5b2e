"""The state directory: runs, generations, backups and releases, and who may write.

`store`, `home` (whose records are whose), `lock`, `generation`, `backup`, `known_releases`, `users`.
"""
