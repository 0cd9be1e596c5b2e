"""The environment of commands that a project or an operator configured: hooks and notifications."""

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
"""variables that are inherited: the locale, and what Docker's own programs need to find the same engine"""


def clean() -> dict[str, str]:
    """Returns the environment of a fresh login of this user, without other variables of the shell."""
    found = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        user = pwd.getpwuid(os.geteuid())
        found |= {"HOME": user.pw_dir, "USER": user.pw_name, "LOGNAME": user.pw_name}
    except KeyError:  # a user without a name
        found["HOME"] = "/"
    return found | {"SHELL": "/bin/sh", "PATH": _PATH}
