"""What is inside the program in one file: names, versions and licences, as a bill of materials and as text."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import quote

_SYSTEM_LICENCES = Path("/usr/share/doc")
_PYTHON_LICENCES = ("LICENSE.txt", "LICENSE")


@dataclass(frozen=True)
class Component:
    """One thing that is inside."""

    name: str
    version: str
    address: str
    """its package URL (purl); empty where no package is known"""
    licence: str
    """as its package says it: an SPDX expression, or a name"""
    text: str
    """its licences in full"""


def of(packages: Path, taken: list[Path]) -> list[Component]:
    """List Python, the Python packages of a folder, and the system's packages that files were taken of."""
    found = [_python(), *(_distribution(each) for each in distributions(path=[str(packages)]))]
    found += [_system(name) for name in {package for path in taken for package in _owners(path)}]
    unique = {(each.name, each.address): each for each in found}
    return [unique[key] for key in sorted(unique)]


def bill(version: str, inside: list[Component], epoch: int) -> str:
    """Return the bill of materials, in CycloneDX 1.5."""
    program = {"type": "application", "name": "ws9tui", "version": version, "bom-ref": "ws9tui"}
    components = [
        {
            "type": "library",
            "name": each.name,
            "version": each.version,
            "bom-ref": each.address or each.name,
            **({"purl": each.address} if each.address else {}),
            **({"licenses": [{"license": {"name": each.licence}}]} if each.licence else {}),
        }
        for each in inside
        if each.name != "ws9tui"
    ]
    made = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"timestamp": datetime.fromtimestamp(epoch, UTC).isoformat(), "component": program},
        "components": components,
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def licences(inside: list[Component]) -> str:
    """Return the licences of all that is inside, one after the other."""
    line = "=" * 100
    return "".join(f"{line}\n{each.name} {each.version}: {each.licence}\n{line}\n\n{each.text}\n\n" for each in inside)


def _python() -> Component:
    folders = (Path(sysconfig.get_path("stdlib")), _SYSTEM_LICENCES / f"python{sysconfig.get_python_version()}")
    files = [folder / name for folder in folders for name in (*_PYTHON_LICENCES, "copyright")]
    text = next((path.read_text(errors="replace") for path in files if path.is_file()), "")
    version = platform.python_version()
    return Component("python", version, f"pkg:generic/python@{version}", "PSF-2.0", text)


def _distribution(each: Distribution) -> Component:
    said = each.metadata
    classified = [line.rsplit(" :: ", 1)[-1] for line in said.get_all("Classifier") or [] if "License ::" in line]
    named = said.get_all("License-Expression") or [", ".join(classified)]
    licence = (named[0] or (said.get_all("License") or [""])[0]).partition("\n")[0]
    names = ("licen", "copying", "notice", "authors")
    files = [
        file for file in each.files or [] if ".dist-info" in str(file) and Path(file).name.lower().startswith(names)
    ]
    texts = [Path(str(each.locate_file(file))).read_text(errors="replace") for file in sorted(files)]
    address = f"pkg:pypi/{each.name.lower()}@{each.version}"
    return Component(each.name, each.version, address, licence, "\n".join(texts))


def _owners(path: Path) -> list[str]:
    """The packages that a file of this machine is of: none where the system has no dpkg, or the file is of none."""
    if not shutil.which("dpkg-query"):
        return []
    # Where /lib is a link to /usr/lib, some packages know their files by the one name, some by the other.
    names = {str(path), str(path).removeprefix("/usr")}
    done = subprocess.run(["dpkg-query", "--search", *names], check=False, capture_output=True, text=True)
    return [line.split(": ")[0] for line in done.stdout.splitlines() if ": /" in line and "diversion" not in line]


def _system(package: str) -> Component:
    shown = ("dpkg-query", "--show", "--showformat=${Package}\t${Version}\t${Architecture}", package)
    name, version, architecture = subprocess.run(shown, check=True, capture_output=True, text=True).stdout.split("\t")
    path = _SYSTEM_LICENCES / name / "copyright"
    text = path.read_text(errors="replace") if path.is_file() else ""
    names = dict.fromkeys(line[8:].strip() for line in text.splitlines() if line.startswith("License:"))
    address = f"pkg:deb/debian/{quote(name)}@{quote(version)}?arch={architecture}"
    return Component(name, version, address, ", ".join(name for name in names if name) or "see its text", text)
