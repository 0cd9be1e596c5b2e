"""Generates samples: hypothesis draws a project's services, their features, its layout, and what is updated of it."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from . import twin_features
from .twin_draft import MERGED, Draft, Service, Tagged, dump, edit_of, reference
from .twin_sample import HOST, KINDS, Edit, Sample

NAMES = ("web", "db", "cache", "Worker", "api_v2", "1st", "x.y", "queue-2")
FOLDERS = ("shop", "My Shop", "Größe-5", "9lives", "UPPER_case", "a.b c", "-dash", "deep/er/place")
STANDARD = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
NEIGHBOUR = f"""\
name: neighbour
services:
  app: {{image: "{HOST}/idle4:1.0.0", container_name: nb-app, volumes: ["things:/things"]}}
volumes: {{things: {{}}}}
"""
_SPLIT = ("environment", "labels", "command", "volumes", "restart", "healthcheck", "depends_on", "deploy", "image")
_REPLACED: dict[str, object] = {
    "environment": {"NOT_WANTED": "1"},
    "volumes": ["/not-wanted"],
    "ports": ["9999"],
    "cap_add": ["SYS_TIME"],
}
_REFERRING = ("depends_on", "network_mode", "ipc", "pid", "volumes_from", "links")


def sample(number: int, start: int, engine: str) -> Sample:
    """Generate one sample: the same for the same numbers."""
    made: list[Sample] = []

    @seed(f"{start}-{number}")
    @settings(
        max_examples=2,  # the first is always the smallest there is
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        made.append(_Maker(Draft(data.draw, engine), f"{start}-{number}").make())

    draw()
    return made[-1]


class _Maker:
    """Makes a sample of a draft."""

    def __init__(self, draft: Draft, name: str) -> None:
        self.draft = draft
        self.name = name
        self.texts: dict[str, str] = {}
        """the Compose files, by their paths in the project's folder"""

    def make(self) -> Sample:
        draft = self.draft
        including = draft.yes(6)
        for name in draft.some(NAMES, least=1, most=4):
            repo = draft.pick(KINDS)
            service: Service = {}
            draft.services[name], draft.repos[name] = service, repo
            draft.homes[name] = "inc/" if including and len(draft.services) > 1 and draft.yes() else ""
            service["image"] = reference(draft, name, repo)
            for feature in draft.some(twin_features.ALL, least=1, most=5):
                before = repr(service)
                feature(draft, name, service)
                if repr(service) != before:
                    draft.features.append(f"{name} {feature.__name__}")
        self._jobs()
        self._profiles()
        edited = self._mark()
        self._before()
        folder = draft.pick(FOLDERS) if draft.yes() else "shop"
        document = self._document()
        self._lay_out(document)
        self._env_files()
        if draft.dotenv:
            draft.files[".env"] = "\n".join(["# settings", *draft.dotenv, ""])
        files = {f"{folder}/{path}": text for path, text in (draft.files | self.texts).items()}
        stand, links = folder, {}
        if draft.yes(8):
            stand = "current"
            links = {"current": folder}
            draft.features.append("symlinked-folder")
        references, by_hand = self._asked(folder, files)
        # What has no container is not recreated for an edit, which then belongs to what there was before the update.
        there = [name for name in edited if not self._removed(name) and "profiles" not in draft.services[name]]
        edits = [found for name in there if (found := edit_of(files, f"before-{name}-edit", f"after-{name}-edit"))]
        moves = (
            set(draft.some(sorted(set(draft.movable.values())), least=0 if references or edits else 1))
            if draft.movable
            else set()
        )
        if draft.neighbour:
            files["neighbour/compose.yaml"] = NEIGHBOUR
        return Sample(
            self.name,
            stand,
            files,
            links,
            tuple(draft.flags),
            draft.environ,
            draft.programs,
            "neighbour" if draft.neighbour else "",
            tuple(draft.earlier),
            draft.scaled,
            tuple(sorted(moves)),
            references,
            tuple(by_hand),
            tuple(edits),
            bool(edits) or draft.yes(6),
            tuple(draft.features),
            len(draft.services),
        )

    def _jobs(self) -> None:
        """Say of every job that nobody waits for that it is one."""
        awaited = {
            other
            for service in self.draft.services.values()
            for other, entry in _dependencies(service).items()
            if entry.get("condition") == "service_completed_successfully"
        }
        for name, service in self.draft.services.items():
            if self.draft.repos[name].startswith("job") and name not in awaited:
                service["x-ws9tui"] = {"one_shot": True}

    def _referred(self) -> set[str]:
        """Name the services that others need."""
        texts = [str(service.get(key, "")) for service in self.draft.services.values() for key in _REFERRING]
        return {
            name
            for name in self.draft.services
            if any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text) for text in texts)
        }

    def _free(self) -> list[str]:
        referred = self._referred()
        return [
            name
            for name in self.draft.services
            if name not in referred and not self.draft.repos[name].startswith("job")
        ]

    def _profiles(self) -> None:
        draft = self.draft
        if not draft.yes(5) or len(draft.services) < 2 or not self._free():
            return
        name = draft.pick(self._free())
        draft.services[name]["profiles"] = draft.pick((["extra"], ["extra", "more"]))
        way = draft.pick(("flag", "env", "shell", "off"))
        draft.features.append(f"profile-{way}")
        if way == "flag":
            draft.flags += ["--profile", "extra"]
        elif way == "env":
            draft.dotenv.append("COMPOSE_PROFILES=extra")
        elif way == "shell":
            draft.environ["COMPOSE_PROFILES"] = "extra,other"

    def _mark(self) -> list[str]:
        """Choose services whose definition is edited along with the update."""
        draft = self.draft
        if not draft.yes(6):
            return []
        chosen = draft.some(list(draft.services), least=1, most=2)
        for name in chosen:
            service = draft.services[name]
            service["environment"] = {**service.get("environment", {}), "EDITED": f"before-{name}-edit"}
        draft.features.append("edited")
        return chosen

    def _before(self) -> None:
        """Choose what has been done by hand since the project was started."""
        draft = self.draft
        way = draft.pick(("", "", "", "", "stop", "scale", "remove"))
        free = [name for name in self._free() if "profiles" not in draft.services[name]]
        if way == "scale":
            free = [
                name
                for name in free
                if not {"container_name", "ports", "scale", "networks", "deploy", "volumes_from", "ipc", "pid"}
                & draft.services[name].keys()
            ]
        wanted = [name for name, service in draft.services.items() if "profiles" not in service]
        if not way or not free or (way == "remove" and (len(wanted) < 2 or draft.providers)):
            return
        name = draft.pick(free)
        draft.features.append(f"by-hand-{way}")
        if way == "stop":
            draft.earlier.append(("stop", name))
        elif way == "remove":
            draft.earlier.append(("rm", "--stop", "--force", name))
        else:
            draft.earlier.append(("up", "-d", "--no-recreate", "--scale", f"{name}=2"))
            draft.scaled[name] = 2

    def _removed(self, name: str) -> bool:
        """Tell whether a service has been removed by hand: asked for, it would get a container again."""
        return any(words[0] == "rm" and name in words for words in self.draft.earlier)

    def _document(self) -> dict[str, Any]:
        draft = self.draft
        document: dict[str, Any] = {}
        way = draft.pick(("", "", "", "name", "env", "flag", "shell"))
        if way == "name":
            document["name"] = draft.variable("PROJECT", "named-1")
        elif way == "env":
            draft.dotenv.append("COMPOSE_PROJECT_NAME=from_env")
        elif way == "flag":
            draft.flags += ["-p", "from-flag"]
        elif way == "shell":
            draft.environ["COMPOSE_PROJECT_NAME"] = "from-shell"
        if way:
            draft.features.append(f"name-{way}")
        own = {name: service for name, service in draft.services.items() if not draft.homes[name]}
        document["services"] = {**draft.providers, **own}
        return document | draft.top

    def _env_files(self) -> None:
        """Put the variables elsewhere than into `.env`, which Compose must be told of."""
        draft = self.draft
        if not draft.dotenv or draft.has("layout-COMPOSE_FILE", "layout-subfolder") or not draft.yes(6):
            return
        way = draft.pick(("flag", "shell"))
        draft.features.append(f"env-files-{way}")
        half = len(draft.dotenv) // 2
        draft.files |= {
            "one.env": "\n".join([*draft.dotenv[:half], ""]),
            "two.env": "\n".join([*draft.dotenv[half:], ""]),
        }
        draft.dotenv = []
        draft.askable = {name: texts for name, texts in draft.askable.items() if texts[0]}
        if way == "flag":
            draft.flags += ["--env-file", "one.env", "--env-file", "two.env"]
        else:
            draft.environ["COMPOSE_ENV_FILES"] = "one.env,two.env"

    def _share(self, services: dict[str, Service]) -> dict[str, Any]:
        """Let services have something in common by an anchor; it is merged where the mark is."""
        draft = self.draft
        plain = [name for name, service in services.items() if "image" in service and not draft.homes[name]]
        if len(plain) < 2 or not draft.yes(5):
            return {}
        common = {"stop_signal": "SIGTERM", "attach": True}
        draft.features.append("anchors")
        for name in plain[:2]:
            services[name] = {MERGED: common, **services[name]}
        return {"x-common": common}

    def _lay_out(self, document: dict[str, Any]) -> None:
        """Spread the project over its files."""
        draft = self.draft
        included = {name: service for name, service in draft.services.items() if draft.homes[name]}
        if included:
            tops = {key: value for key, value in draft.top.items() if key in ("networks", "volumes")}
            used = {key: value for key, value in draft.top.items() if key in ("configs", "secrets")}
            self.texts["inc/compose.yaml"] = dump(draft, {"services": included} | tops | used)
            long = {"path": ["inc/compose.yaml"], "project_directory": "inc", "env_file": ["inc/more.env"]}
            way = draft.pick(("inc/compose.yaml", {"path": "inc/compose.yaml"}, long))
            if way == long:
                self.texts["inc/more.env"] = "ONLY_HERE=1\n"
            # What only the included file uses would be there twice.
            own = {
                kind: {key: value for key, value in document.get(kind, {}).items() if not key.endswith("-env")}
                for kind in used
            }
            document = {"include": [way], **document, **own}
            draft.features.append("include")
        way = draft.pick(
            ("single", "single", "single", "override", "override", "flags", "COMPOSE_FILE", "extends", "subfolder")
        )
        if way != "single":
            draft.features.append(f"layout-{way}")
        if way in ("override", "flags", "COMPOSE_FILE"):
            document, second = self._split(document)
            self._replace(document["services"], second["services"])
        if way == "extends":
            document = self._extend(document)
        document = {**self._share(document["services"]), **document}
        main = (
            draft.pick(STANDARD)
            if way in ("single", "override", "extends")
            else "stack/main.yml"
            if way == "subfolder"
            else "main.yml"
        )
        self.texts[main] = dump(draft, document)
        if way == "override":
            self.texts[main.replace("compose.", "compose.override.")] = dump(draft, second)
        elif way == "flags":
            self.texts["other.yml"] = dump(draft, second)
            draft.flags += ["-f", "main.yml", "-f", "other.yml"]
        elif way == "COMPOSE_FILE":
            self.texts["other.yml"] = dump(draft, second)
            draft.dotenv.append("COMPOSE_FILE=main.yml:other.yml")
        elif way == "subfolder":
            draft.dotenv.append("COMPOSE_FILE=stack/main.yml")
            draft.files = {path if path == ".env" else f"stack/{path}": text for path, text in draft.files.items()}
            self.texts = {path if path == main else f"stack/{path}": text for path, text in self.texts.items()}

    def _split(self, document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Part services into those of two files, the second of which is put over the first."""
        first: dict[str, Any] = {}
        second: dict[str, Any] = {}
        for name, service in document["services"].items():
            moved = [key for key in self.draft.some(_SPLIT) if key in service]
            first[name] = {key: value for key, value in service.items() if key not in moved}
            if moved:
                second[name] = {key: service[key] for key in moved}
            if not first[name]:
                first[name] = service
                second.pop(name, None)
        return {**document, "services": first}, {"services": second}

    def _replace(self, first: dict[str, Service], second: dict[str, Service]) -> None:
        """Let the second file take out of the first, or put in its place, what is not wanted."""
        for name, service in list(first.items()) if self.draft.yes(4) else ():
            key = self.draft.pick([key for key in _REPLACED if key in service] or ["cap_add"])
            tagged = Tagged("!override", service[key]) if key in service else Tagged("!reset", [])
            first[name] = {**service, key: _REPLACED[key]}
            second[name] = {**second.get(name, {}), key: tagged}
            self.draft.features.append(f"{name} {tagged.tag}")

    def _extend(self, document: dict[str, Any]) -> dict[str, Any]:
        """Let one service take a part of its definition from another file, or from another service's template."""
        draft = self.draft
        services = document["services"]
        name = draft.pick(list(services)) if services else ""
        if not name:
            return document
        service = services[name]
        moved = [
            key
            for key in draft.some(("environment", "labels", "command", "image", "user", "volumes"))
            if key in service
        ]
        template = {key: service[key] for key in moved} or {"stop_signal": "SIGTERM"}
        template.setdefault("image", service["image"])
        base = draft.pick((name, "template"))
        kept = {key: value for key, value in service.items() if key not in moved}
        kept = {"extends": {"file": "base.yml", "service": base}, **kept}
        self.texts["base.yml"] = dump(
            draft, {"services": {base: template, "unrelated": {"image": f"{HOST}/idle1:1.0.0"}}}
        )
        return {**document, "services": {**services, name: kept}}

    def _asked(self, folder: str, files: dict[str, str]) -> tuple[dict[str, str], list[Edit]]:
        """Choose the services that get another tag by SERVICE=REF."""
        draft = self.draft
        references: dict[str, str] = {}
        by_hand: list[Edit] = []
        for name, (old, new) in draft.askable.items():
            if "profiles" in draft.services[name] or self._removed(name) or draft.yes(3):
                continue
            if old:
                found = edit_of(files, old, new)
                if found is None or sum(text.count(old) for text in files.values()) != 1:
                    continue
                by_hand.append(found)
            else:
                by_hand.append(Edit(f"{folder}/.env", "", new))
            references[name] = "1.1.0"
        return references, by_hand


def _dependencies(service: Service) -> dict[str, dict[str, object]]:
    """Return `depends_on` in its long form."""
    entries = service.get("depends_on", {})
    return entries if isinstance(entries, dict) else {name: {} for name in entries}
