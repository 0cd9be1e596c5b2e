"""Holds the folder that the program was unpacked into for as long as this process lives (site(1) of Python).

A newer release removes the folders of earlier ones, but for those that are held, or were used in the last hour.
"""

import fcntl
import os
import sys

# where the systems keep the certificate authorities that they trust; ours is a library of another system
_TRUSTED = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def _hold() -> None:
    try:
        held = os.open(os.path.join(sys.prefix, "in-use"), os.O_RDWR | os.O_CLOEXEC)
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
        os.utime(held)
    except OSError:
        return  # deleted, or about to be: what was imported stays


_hold()
if not {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
    _found = next((path for path in _TRUSTED if os.path.exists(path)), None)
    if _found and not os.path.exists("/usr/lib/ssl/certs"):
        os.environ["SSL_CERT_FILE"] = _found
