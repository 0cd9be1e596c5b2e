"""The Compose files that Websoft9 has published: whoever has one of them unchanged has made no edits.

So the first upgrade of an installation made by upstream's script needs neither the old release nor a decision.
"""

from __future__ import annotations

import hashlib

PUBLISHED = {
    "e4ec0223e91912497a76932b300482e12d7f4061fa34c8c1a09c9a94dbb9d90c": "2.0.0 to 2.1.9",
    "ad44e9e7fdd0348d695c7c59c27e72995227de68301e9692ad229259dbad3679": "2.1.10 to 2.1.21",
    "0503253bf0b0d82fe2865db02504dcc0c69d28eb4c166e00e13c9b515d43dfaf": "2.1.22 to 2.1.25",
    "7d1206770d99727dc4e0909083fc5a402f327a051237ac49be0bac9b34727cfd": "2.1.26 to 2.2.1",
    "6835d5453f5d739b0e2ca62df410a015d1fe19d98df118894cc3a36361fc3017": "2.2.2 and 2.2.3",
    "705ff30618d60255b49f714d543c79dd016c10457a9818d07faefecd5d20bf39": "2.2.4 to 2.2.8",
    "a9f5becbef59237f493a59d21b2a3395e74f26a68dae874b319198e1aec00b9d": "2.2.9 to 2.2.19",
    "c3e191f7d11557dec45a730d4ad02dc9a5e670c6c32e64234056abee4459ee4a": "2.3.0 to 2.3.2",
    "1f1e6c8f72a40dd2a0dd03c5906c689be6763270783307c49c749f5fce5141c9": "2.3.3 and 2.3.4",
}
"""SHA-256 of docker/docker-compose.yml at upstream's tags → the releases that have it"""


def known(compose: bytes) -> bool:
    """Whether a Compose file is a published one, unchanged."""
    return hashlib.sha256(compose).hexdigest() in PUBLISHED
