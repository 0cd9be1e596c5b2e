"""Whether a version label describes the image itself or its base image.

Labels are inherited: every image built from Ubuntu carries Ubuntu's labels. An inherited label proves nothing and is
never shown. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ws9tui.core.model import version
from ws9tui.core.model.observed import Image
from ws9tui.core.model.reference import Reference

_OCI = "org.opencontainers.image."
_REF_NAME = f"{_OCI}ref.name"
_NAMES = (f"{_OCI}title", "org.label-schema.name", "name")
"""labels with the name of the image's software"""
_PLACES = (f"{_OCI}source", f"{_OCI}url", f"{_OCI}documentation", "org.label-schema.vcs-url", "org.label-schema.url")
"""labels with a URL of the image's software"""
_BRANCHES = ("main", "master", "head", "latest", "stable", "edge", "develop", "dev", "nightly", "release")
_TELLING = 3
"""minimum length of a word that identifies something"""


def label_of(image: Image, reference: Reference, others: Iterable[Image] = ()) -> str:
    """Returns the version that an image's labels prove; empty if they name none, or that of another image.

    ``others`` are images that may have the same base.
    """
    label = version.of_labels(image.labels)
    if not label or inherited(image, reference, others):
        return ""
    return label if version.parse(reference.tag) is None or own(image, reference) else ""


def inherited(image: Image, reference: Reference, others: Iterable[Image] = ()) -> bool:
    """Whether the labels show that the version is that of another image."""
    label = version.of_labels(image.labels)
    tagged = version.parse(reference.tag)
    if not label or (tagged is not None and version.proves(label, tagged.text)):
        return False
    said = _said(image, reference)
    return False in said if said else any(_of_base(image, reference, label, other) for other in others)


def related(label: str, tagged: version.Version) -> bool:
    """Whether a label may be a version of the software that a tag names: both have the same major version."""
    found = version.parse(label)
    return found is not None and found.numbers[0] == tagged.numbers[0]


def own(image: Image, reference: Reference) -> bool:
    """Whether there is evidence that an image's version label is its own."""
    label, tagged = version.of_labels(image.labels), version.parse(reference.tag)
    return bool(label) and (_named(image, reference) or (tagged is not None and related(label, tagged)))


def _named(image: Image, reference: Reference) -> bool:
    return True in _said(image, reference)


def _said(image: Image, reference: Reference) -> list[bool]:
    """Whether the labels name this repository, by the most specific of them; empty if no label is informative."""
    name = image.labels.get(_REF_NAME, "").strip()
    plain = name.rpartition("/")[2].partition(":")[0].partition("@")[0]
    # By the OCI specification this label holds a tag, which names no repository.
    if plain and plain.lower() not in _BRANCHES and name != reference.tag and version.parse(name) is None:
        return [_names(plain, reference.path)]
    texts = [image.labels[key] for key in _NAMES if image.labels.get(key, "").strip()]
    texts += ["/".join(image.labels[key].rstrip("/").split("/")[3:]) for key in _PLACES if image.labels.get(key)]
    return [any(_names(text, reference.path) for text in texts)] if texts else []


def _names(text: str, repository: str) -> bool:
    """Whether a text and a repository's path share a word."""
    said, words = (re.findall(r"[a-z0-9]+", one.lower()) for one in (text, repository))
    if any(word in "".join(said) for word in words if len(word) >= _TELLING):
        return True
    return any(part in words or (len(part) >= _TELLING and part in "".join(words)) for part in said)


def _of_base(image: Image, reference: Reference, label: str, other: Image) -> bool:
    """Whether another repository's image has the same inherited label: it is the base, or built on the same base."""
    theirs = [name for name in (*other.tags, *other.digests) if name.path != reference.path]
    if other.id == image.id or not theirs or version.of_labels(other.labels) != label:
        return False
    if not image.layers or image.layers[:1] != other.layers[:1]:
        return False
    if image.layers[: len(other.layers)] == other.layers != image.layers:
        return True
    tagged = [version.parse(name.tag) for name in theirs]
    return any(found is not None and not version.proves(label, found.text) for found in tagged)


def shown_version(image: Image, reference: Reference, others: Iterable[Image] = ()) -> str:
    """Returns an image's version for display: that of its own labels, else its tag if that is a version.

    ``others`` are images that may have the same base, and so the same inherited label.
    """
    return label_of(image, reference, others) or reference.version
