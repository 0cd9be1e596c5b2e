"""The state directory: runs, generations, backups and releases, and who may write.

`store`, `reserve` (room for a run's last facts), `home` (whose records are whose), `lock`, `generation`, `backup`,
`saved` (a project's backup) with `saved_file`, `known_releases`, `users`, `seen` (when a digest was). Of generations:
`pins`, `differences` and `comparison`.
"""
