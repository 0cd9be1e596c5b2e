"""The state directory: runs, generations, backups and releases, and the lock of each project.

Reading order: `store`, `reserve` (disk space for a run's last events), `home` (the records of a project on an engine),
`lock`, `generation`, `backup`, `saved` (a project's backup) with `saved_file`, `known_releases`, `users`, `seen` (when
digests were first seen). Of generations: `pins`, `differences` and `comparison`.
"""
