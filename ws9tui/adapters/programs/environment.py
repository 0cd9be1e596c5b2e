"""The environment of commands that a project or an operator has set."""

from __future__ import annotations

import os
import pwd

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_KEPT = (
    "LANG",
    "LC_ALL",
    "TZ",
    "XDG_RUNTIME_DIR",
    "DOCKER_CERT_PATH",
    "DOCKER_CONFIG",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "SSH_AUTH_SOCK",
)
"""variables of this process's that they have: what Docker's own programs need to find the same engine"""


def clean() -> dict[str, str]:
    """That of a login of this user, with nothing that his shell happens to have."""
    found = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        user = pwd.getpwuid(os.geteuid())
        found |= {"HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}
    except KeyError:  # a user without a name
        found["HOME"] = "/"
    return found | {"SHELL": "/bin/sh", "PATH": _PATH}
