"""A sample in the making: what its services and files have so far, and the choices that hypothesis draws."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from hypothesis import strategies as st

from .twin_sample import FIXED, HOST, MOVING, Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
Service = dict[str, Any]
MERGED = "x-merge-here"
"""stands for the key by which YAML merges a mapping into another"""


@dataclass(frozen=True)
class Tagged:
    """A value with a tag of Compose's: `!reset` or `!override`."""

    tag: str
    value: object


class _Dumper(yaml.SafeDumper):
    """Writes tags of Compose's."""


def _tagged(dumper: yaml.SafeDumper, tagged: Tagged) -> yaml.Node:
    node = dumper.represent_data(tagged.value)
    node.tag = tagged.tag
    return node


_Dumper.add_representer(Tagged, _tagged)


@dataclass
class Draft:
    """A project in the making."""

    draw: Callable[[SearchStrategy[Any]], Any]
    engine: str
    services: dict[str, Service] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    """service → folder of the file that defines it, below the project's, with a slash at the end or empty"""
    repos: dict[str, str] = field(default_factory=dict)
    top: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """in the project's folder, besides its Compose files"""
    dotenv: list[str] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    programs: dict[str, str] = field(default_factory=dict)
    flags: list[str] = field(default_factory=list)
    movable: dict[str, str] = field(default_factory=dict)
    """service → REPOSITORY:TAG that may move"""
    askable: dict[str, tuple[str, str]] = field(default_factory=dict)
    """service → what of its texts is the tag, before and after"""
    features: list[str] = field(default_factory=list)
    earlier: list[tuple[str, ...]] = field(default_factory=lambda: [("up", "-d")])
    scaled: dict[str, int] = field(default_factory=dict)
    neighbour: bool = False
    providers: dict[str, Service] = field(default_factory=dict)

    def yes(self, one_in: int = 2) -> bool:
        """Draw a yes, as often as told."""
        return bool(self.draw(st.integers(0, one_in - 1)) == one_in - 1)

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of these."""
        return self.draw(st.sampled_from(choices))  # type: ignore[no-any-return]

    def some(self, choices: Sequence[T], least: int = 0, most: int = 3) -> list[T]:
        """Draw some of these, each once."""
        return list(self.draw(st.lists(st.sampled_from(choices), min_size=least, max_size=most, unique=True)))

    def others(self, service: str) -> list[str]:
        """Name the services that were made before this one, so that nothing goes round in circles."""
        names = list(self.services)
        return names[: names.index(service)]

    def variable(self, name: str, value: str) -> str:
        """Set a variable in one of the places for it; returns how a file names it."""
        way = self.pick(("bare", "env", "default", "dash", "set", "required", "shell", "nested"))
        if way == "shell":
            self.environ[name] = value
            return f"${{{name}}}"
        if way in ("default", "dash", "nested"):
            if way == "nested":
                return f"${{{name}:-${{{name}_ALSO:-{value}}}}}"
            return f"${{{name}{':-' if way == 'default' else '-'}{value}}}"
        if way == "set":
            self.set(name, "anything")
            return f"${{{name}:+{value}}}"
        self.set(name, value)
        return {"bare": f"${name}", "env": f"${{{name}}}"}.get(way, f"${{{name}:?it must be set}}")

    def set(self, name: str, value: str) -> None:
        """Set a variable in `.env`, in one of the ways of writing."""
        plain = not any(char in value for char in " #'\"$\\") and value
        forms = [
            f"{name}={value}",
            f'{name}="{value}"',
            f"{name}='{value}'",
            f"export {name}={value}",
            f"{name}: {value}",
        ]
        self.dotenv.append(self.pick(forms) if plain else f"{name}='{value}'")

    def home(self, service: str, name: str, text: str | None) -> str:
        """Add a file (or only name a folder) beside the file that defines a service; returns its relative path."""
        if text is not None:
            self.files[self.homes[service] + name] = text
        return f"./{name}"

    def has(self, *features: str) -> bool:
        """Tell whether one of these features is there."""
        return any(entry.rpartition(" ")[2] in features for entry in self.features)


def dump(draft: Draft, document: dict[str, Any]) -> str:
    """Write a Compose file, in one of the ways of writing."""
    if MERGED not in str(document) and Tagged.__name__ not in str(document) and draft.yes(12):
        return json.dumps(document, indent=2, ensure_ascii=False)
    flow = draft.pick((False, None))
    text = str(
        yaml.dump(document, None, _Dumper, default_flow_style=flow, width=1000, allow_unicode=True, sort_keys=False)
    )
    text = text.replace(f"{MERGED}:", "<<:")
    return f"# a comment: ${{NOT_A_VARIABLE}}\n{text}" if draft.yes(4) else text


def reference(draft: Draft, service: str, repo: str) -> str:
    """Draw how a service names its image."""
    upper = "".join(char if char.isalnum() else "_" for char in service.upper())
    name = f"V{upper}_TAG"
    host = HOST
    way = draft.pick(
        ("moving", "moving", "moving", "implicit", "variable", "fixed", "in-env", "default", "pinned", "both", "whole")
    )
    draft.features.append(f"{service} image-{way}")
    if way not in ("in-env", "default") and draft.yes(5):
        host = draft.variable(f"V{upper}_REGISTRY", HOST)
    tag = draft.pick(MOVING)
    if way in ("moving", "variable"):
        draft.movable[service] = f"{repo}:{tag}"
        return f"{host}/{repo}:{tag if way == 'moving' else draft.variable(name, tag)}"
    if way == "implicit":
        draft.movable[service] = f"{repo}:latest"
        return f"{host}/{repo}"
    if way == "whole":
        draft.movable[service] = f"{repo}:{tag}"
        draft.dotenv.append(f"V{upper}_IMAGE={HOST}/{repo}:{tag}")
        return f"${{V{upper}_IMAGE}}"
    if way == "fixed":
        draft.askable[service] = (f"/{repo}:{FIXED[0]}", f"/{repo}:{FIXED[1]}")
        return f"{host}/{repo}:{FIXED[0]}"
    if way == "in-env":
        draft.dotenv.append(f"{name}={FIXED[0]}")
        draft.askable[service] = (f"{name}={FIXED[0]}", f"{name}={FIXED[1]}")
        return f"{host}/{repo}:${{{name}}}"
    if way == "default":
        draft.askable[service] = ("", f"{name}={FIXED[1]}\n")
        return f"{host}/{repo}:${{{name}:-{FIXED[0]}}}"
    pin = f"@DIGEST({repo}:{FIXED[0]})"
    return f"{host}/{repo}{pin}" if way == "pinned" else f"{host}/{repo}:{FIXED[0]}{pin}"


def edit_of(files: dict[str, str], old: str, new: str) -> Edit | None:
    """Find the one file that has a text."""
    found = [path for path, text in files.items() if old in text]
    return Edit(found[0], old, new) if len(found) == 1 else None
