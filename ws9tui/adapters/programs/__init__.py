"""Programs besides Docker's own that are run if they are installed and configured.

`programs` implements the port and runs hooks too; `cosign` (signatures), `scanners` (vulnerabilities), `environment`
(the variables that configured commands inherit).
"""
