"""Programs that are run where they are installed and asked for.

`programs` is the port, and runs hooks too; `cosign` (signatures), `scanners` (vulnerabilities), `environment` (what a
command that a project has set gets of ours).
"""
