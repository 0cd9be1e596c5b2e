"""Brings one project up twice, updates it once by plain Compose and once by ws9tui, and compares what comes of it.

Both twins are brought up in the same place, one after the other, so that they differ in nothing: not in a path, not in
a name. Between the two everything is removed, and the registry has the earlier images again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import cleaning, images, programs, projects, twin_facts
from .cli import Cli, Said
from .registry import MANIFESTS, Registry
from .twin_facts import Facts, Look
from .twin_sample import FIXED, HOST, KINDS, MOVING, Edit, Sample, image

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from .dockerd import Dockerd

_MAKES = {"recreate", "prepare", "create"}
_PATIENCE = 180.0


class Shelf:
    """A registry that has every image of the samples in two versions, and tags that move between them."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._manifests: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.digests: dict[tuple[str, str], str] = {}
        for repo in KINDS:
            for version in FIXED:
                images.push(registry, repo, version, image(repo, version))
                status, headers, body = registry.request("GET", f"/v2/{repo}/manifests/{version}", Accept=MANIFESTS)
                assert status == 200, body
                self._manifests[repo, version] = body, headers["content-type"]
                self.digests[repo, version] = headers["docker-content-digest"]

    def reset(self) -> None:
        """Let every moving tag name the earlier image."""
        self.move((f"{repo}:{tag}" for repo in KINDS for tag in MOVING), FIXED[0])

    def move(self, tags: Iterable[str], version: str = FIXED[1]) -> None:
        """Let these tags name the image of a version."""
        for repo, _, tag in (entry.partition(":") for entry in tags):
            body, kind = self._manifests[repo, version]
            answer = self.registry.request("PUT", f"/v2/{repo}/manifests/{tag}", body, Content_Type=kind)
            assert answer[0] == 201, answer[2]

    def text(self, text: str) -> str:
        """Fill in what stands for the registry's host and for digests (`DIGEST(web1:1.0.0)`)."""
        for (repo, version), digest in self.digests.items():
            text = text.replace(f"DIGEST({repo}:{version})", digest)
        return text.replace(HOST, self.registry.host)


@dataclass
class Twin:
    """What became of one twin."""

    before: Look
    after: Look
    files_after: Facts
    around: Facts


@dataclass
class Result:
    """What became of a sample."""

    sample: Sample
    lines: list[str] = field(default_factory=list)
    said: Said | None = None

    def add(self, title: str, lines: Iterable[str]) -> None:
        """Add differences."""
        self.lines += [f"{title}: {line}" for line in lines]


class UnusableError(Exception):
    """Plain Compose itself cannot do it: there is nothing to compare with."""


class Lane:
    """One engine and one registry, on which one sample after the other is tried."""

    def __init__(self, engine: Dockerd, shelf: Shelf, root: Path) -> None:
        self.engine = engine
        self.shelf = shelf
        self.root = root
        self.place = root / "place"
        """where all samples are brought up"""
        self._sample: Sample | None = None
        self._project = ""
        self._added_to: set[str] = set()
        """services to which Compose adds when it makes them, and what needs these: nobody can ask it for their hash"""

    def run(self, sample: Sample) -> Result:
        """Try one; raises `UnusableError`."""
        self._sample = sample
        result = Result(sample)
        plain, own = self._plain()
        self._bring_up()
        before = self._look()
        files, around = twin_facts.files(self.place), self._around()
        result.add("start", twin_facts.differences(plain.before.facts, before.facts))
        said = self._update(before)
        result.said = said
        if said.status != 0:
            result.add("update", [f"status {said.status}: {said.message}", *self._trouble(said)])
            return result
        twin_facts.settle(self.engine)
        after = self._look(before)
        # Compose recreates some of them each time: they cannot be named with what needs them, which has a label of it.
        ignored = (twin_facts.REPLACE,) if own else ()
        unnamed = own | self._added_to
        wanted = plain.after.without_needs(unnamed)
        result.add("update", twin_facts.differences(wanted, after.without_needs(unnamed), ignored))
        result.add("around", twin_facts.differences({"": plain.around}, {"": self._around()}))
        result.add("files", twin_facts.differences({"": plain.files_after}, {"": twin_facts.files(self.place)}))
        self._compare_plan(result, said, plain, own)
        result.add("drift", sorted(self._drift(after) - own))
        if said.finished["outcome"] == "kept":
            self._roll_back(result, before, files, around, own)
        return result

    # --- what is asked of Compose ---------------------------------------------------------------------------------

    def compose(self, *arguments: str) -> str:
        """Run Compose where the operator stands; returns what it tells of its progress."""
        return self._compose(*arguments).stderr

    def _compose(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        sample = self.sample
        done = subprocess.run(
            ["docker-compose", *map(self.shelf.text, sample.flags), *arguments],
            cwd=self.place / sample.stand,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
        if done.returncode:
            raise UnusableError(f"compose {' '.join(arguments)}: status {done.returncode}\n{done.stderr[-3000:]}")
        return done

    @property
    def sample(self) -> Sample:
        """The one that is tried."""
        assert self._sample
        return self._sample

    def _environment(self) -> dict[str, str]:
        env = self.engine.env()
        env |= {name: self.shelf.text(value) for name, value in self.sample.environ.items()}
        return env | {"PATH": f"{self.root / 'bin'}:{env['PATH']}", "PWD": str(self.place / self.sample.stand)}

    def _bring_up(self) -> None:
        """Write the files, and start what is to run before the update."""
        sample = self.sample
        cleaning.empty(self.engine)
        for folder in (self.place, self.root / "bin", self.root / "state"):
            shutil.rmtree(folder, ignore_errors=True)
        self.write(self.place)
        (self.root / "bin").mkdir()
        for name, text in sample.programs.items():
            programs.write(self.root / "bin" / name, text)
        self.shelf.reset()
        if sample.neighbour:
            self._neighbour()
        config = json.loads(self._compose("config", "--format", "json").stdout)
        self._project = config["name"]
        self._added_to = {name for name, service in config["services"].items() if service.get("use_api_socket")}
        for _ in config["services"] if self._added_to else ():
            self._added_to |= {
                name for name, service in config["services"].items() if needs_of(service) & self._added_to
            }
        for arguments in sample.earlier:
            self.compose(*arguments)
        twin_facts.settle(self.engine)

    def write(self, place: Path) -> None:
        """Write the sample's files."""
        place.mkdir(parents=True)
        for name, text in self.sample.files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.shelf.text(text))
        for name, target in self.sample.links.items():
            (place / name).symlink_to(target)

    def _neighbour(self) -> None:
        done = projects.compose(self.engine, self.place / self.sample.neighbour, "up", "-d", check=False)
        if done.returncode:
            raise UnusableError(done.stderr)

    def _look(self, before: Look | None = None) -> Look:
        return twin_facts.look(self.engine, self._project, before)

    def _around(self) -> Facts:
        """Tell networks, volumes and the tags that containers are made by; others are none of an update's."""
        made_by = {json.loads(facts["Config.Image"]) for facts in self._look().facts.values()}
        return twin_facts.surroundings(self.engine, [name for name in made_by if "@" not in name])

    def _edit(self, edits: Iterable[Edit]) -> None:
        for edit in edits:
            path = self.place / edit.path
            old, new = self.shelf.text(edit.old), self.shelf.text(edit.new)
            text = path.read_text() if path.exists() else ""
            assert old in text, (edit, text)
            path.write_text(text.replace(old, new) if old else text + new)

    # --- the plain twin -------------------------------------------------------------------------------------------

    def _plain(self) -> tuple[Twin, set[str]]:
        """Update by Compose alone; returns also what Compose recreates by itself though nothing has changed."""
        sample = self.sample
        self._bring_up()
        before = self._look()
        self.shelf.move(sample.moves)
        self._edit((*sample.edits, *sample.by_hand))
        self.compose("pull", "--ignore-pull-failures")
        self.compose("up", "-d", *self._scale())
        # Compose leaves a container in the namespace of one that is gone where it is given by its name.
        if astray := self._look(before).astray & before.running:
            self.compose("up", "-d", "--force-recreate", *self._scale(), *sorted(astray))
            self.compose("up", "-d", *self._scale())  # for those that live with these
        self._as_before(before)
        twin_facts.settle(self.engine)
        after = self._look(before)
        twin = Twin(before, after, twin_facts.files(self.place), self._around())
        return twin, self._drift(after)

    @property
    def _partial(self) -> bool:
        """Whether a service has been removed by hand, which a plain `up` makes again."""
        return any(arguments[0] == "rm" for arguments in self.sample.earlier)

    def _scale(self) -> list[str]:
        return [word for name, count in self.sample.scaled.items() for word in ("--scale", f"{name}={count}")]

    def _as_before(self, before: Look) -> None:
        """Stop and remove again what a plain `up` has started that was not there, or did not run."""
        now = self._look()
        if absent := sorted(set(now.services.values()) - set(before.services.values())):
            self.compose("rm", "--stop", "--force", *absent)
        if stopped := sorted(now.running - before.running - set(absent)):
            self.compose("stop", *stopped)

    def _drift(self, after: Look) -> set[str]:
        """Recreate what Compose finds to recreate, and return its services."""
        there = sorted(set(after.services.values()))
        start = "--detach" if after.running == set(there) else "--no-start"
        said = self.compose("up", start, *self._scale(), *(("--no-deps", *there) if self._partial else ()))
        told = {service for name, service in after.services.items() if f"Container {name} Recreate" in said}
        return told | self._look().recreated(after)

    # --- ours -----------------------------------------------------------------------------------------------------

    def ws9tui(self, command: str, *arguments: str) -> Said:
        """Run ws9tui where the operator stands."""
        sample = self.sample
        environ = {name: value for name, value in self._environment().items() if name != "HOME"}
        cli = Cli(self.engine, self.root / "state", self.place / sample.stand, environ)
        taken = () if command == "adopt" else ("--yes",)
        return cli.run(command, *arguments, *taken, "--json", *map(self.shelf.text, sample.flags), timeout=_PATIENCE)

    def _update(self, before: Look) -> Said:
        sample = self.sample
        if sample.adopted:
            self.ws9tui("adopt").ended("adopted", 0)
        self.shelf.move(sample.moves)
        self._edit(sample.edits)
        asked = [f"{service}={self.shelf.text(reference)}" for service, reference in sample.references.items()]
        others = sorted(set(before.services.values()) - set(sample.references)) if asked else []
        return self.ws9tui("update", *asked, *others, "--monitor", "1s")

    def _roll_back(self, result: Result, before: Look, files: Facts, around: Facts, own: set[str]) -> None:
        assert result.said
        before_it = str(result.said.of("planned")[-1]["plan"]["before"])
        said = self.ws9tui("rollback", "--to", before_it, "--monitor", "1s")
        if said.status != 0:
            result.add("rollback", [f"status {said.status}: {said.message}", *self._trouble(said)])
            return
        twin_facts.settle(self.engine)
        back = self._look(before)
        ignored = (twin_facts.REPLACE, twin_facts.HOOKED)
        unnamed = own | self._added_to
        result.add(
            "rollback", twin_facts.differences(before.without_needs(unnamed), back.without_needs(unnamed), ignored)
        )
        result.add("rollback", twin_facts.differences({"": files}, {"": twin_facts.files(self.place)}))
        now = {key: value for key, value in self._around().items() if key in around or not key.startswith("tag ")}
        result.add("rollback", twin_facts.differences({"": around}, {"": now}))
        result.add("drift after rollback", sorted(self._drift(back) - own))

    @staticmethod
    def _compare_plan(result: Result, said: Said, plain: Twin, own: set[str]) -> None:
        operations = said.of("planned")[-1]["plan"]["operations"] if said.of("planned") else []
        made = {str(entry["subject"]) for entry in operations if entry["kind"] in _MAKES}
        restarted = {str(entry["subject"]) for entry in operations if entry["kind"] == "restart"}
        wanted = plain.after.recreated(plain.before)
        result.add("plan", [f"{name}: Compose recreates it, the plan does not" for name in sorted(wanted - made - own)])
        result.add("plan", [f"{name}: the plan recreates it, Compose does not" for name in sorted(made - wanted)])
        wanted = plain.after.restarted(plain.before)
        result.add("plan", [f"{name}: Compose restarts it, the plan does not" for name in sorted(wanted - restarted)])
        result.add("plan", [f"{name}: the plan restarts it, Compose does not" for name in sorted(restarted - wanted)])

    @staticmethod
    def _trouble(said: Said) -> list[str]:
        kept = ("found", "step-finished", "pull-failed", "reference-resolved")
        lines = [line for line in said.out.splitlines() if any(f'"type":"{kind}"' in line for kind in kept)]
        return [line[:700] for line in lines if '"problem"' in line or '"found"' in line][-12:] + said.err.splitlines()[
            -5:
        ]


def needs_of(service: dict[str, Any]) -> set[str]:
    """Name the services that one needs by its resolved definition."""
    joined = [str(service.get(key) or "").partition("service:")[2] for key in ("network_mode", "ipc", "pid")]
    volumes = [text.partition(":")[0] for text in service.get("volumes_from") or ()]
    return {*(service.get("depends_on") or ()), *joined, *volumes} - {""}
