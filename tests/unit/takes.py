"""The runs that are recorded: each prepares a studio, does a run in it, and gives what it told.

Websoft9 is at 2.2.9 unless a take says otherwise, and its operator asks for newer images of three of its services.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from unittest import mock

import msgspec

from bench import Answer, Script, Told
from releases import put
from studio import ROOT, Studio
from ws9tui.adapters.engine import problems
from ws9tui.core.fs import files
from ws9tui.core.journal import events as e
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.model.trust import Severity, Vulnerability
from ws9tui.simulation.engine import Behaviour, Fault
from ws9tui.simulation.scenario import Published, Scenario
from ws9tui.simulation.scenarios import SCENARIOS
from ws9tui.simulation.world import Signed
from ws9tui.websoft9 import layout
from ws9tui.websoft9.profile import Websoft9

Take = Callable[[Path], Awaitable[Told]]
TAKES: dict[str, Take] = {}
PROJECTS = Path(__file__).with_name("projects")
PORT = {"mode": "ingress", "target": 80, "published": "80", "protocol": "tcp"}
WANTED = {"apphub": "0.2.8", "deployment": "2.40.0", "git": "1.25.5"}
WEBSOFT9 = msgspec.structs.replace(SCENARIOS["websoft9"], folder="data/websoft9/source/docker", rate=80e6)


def take(made: Take) -> Take:
    """Record this run under its name."""
    TAKES[made.__name__.replace("_", "-")] = made
    return made


def websoft9(folder: Path, *faults: Fault, images: Mapping[str, Published] | None = None, **changes: object) -> Studio:
    """Websoft9 with other images of some services, and with what goes wrong."""
    named = {_name(image): image for image in WEBSOFT9.images} | dict(images or {})
    scenario = msgspec.structs.replace(WEBSOFT9, images=tuple(named.values()), faults=faults, **changes)
    studio = Studio(folder, scenario)
    put(studio.folder.parent, {"version.json": json.dumps({"version": "2.2.9"})})
    return studio


def _name(image: Published) -> str:
    return image.reference.rpartition(":")[0].rpartition("/")[2]


def tags(service: str, new: str, **changes: object) -> Published:
    """The image of a service of Websoft9 whose newest tag is so."""
    image = next(image for image in WEBSOFT9.images if _name(image) == service)
    others = tuple(tag for tag in image.other_tags if tag != new)
    return msgspec.structs.replace(image, other_tags=(*others, new), **changes)


_USUAL = {
    Question.OUTCOME: Choice.KEEP,
    Question.FAILED: Choice.ROLL_BACK,
    Question.MISMATCH: Choice.CANCEL,
}


def operator(references: Mapping[str, str] = WANTED, /, **answers: Choice) -> Script:
    """Asks for references one by one, then goes on; what comes after the plan is as it is said."""
    left = dict(references)

    def script(asked: e.Asked) -> Answer:
        if asked.question is Question.SELECT:
            if left:
                del left[next(iter(left))]
                asked_for = {name: tag for name, tag in references.items() if name not in left}
                return e.Decision(ask=0, choice=Choice.CHECK, actor=ROOT, references=asked_for)
            if "select" not in answers:
                return e.Decision(
                    ask=0, choice=Choice.GO, actor=ROOT, services=tuple(references), references=dict(references)
                )
        usual = _USUAL.get(asked.question, Choice.GO)
        return answers.get(asked.question.name.lower(), usual)

    return script


async def update(studio: Studio, **answers: Choice) -> Told:
    """Have the wizard update three services; each step waits, so that each can be looked at."""
    return await studio.run("websoft9", verb=Verb.WIZARD, script=operator(**answers), step_by_step=True)


# --- an update, and how it can go --------------------------------------------------------------------------------


@take
async def kept(folder: Path) -> Told:
    """All is well."""
    return await update(websoft9(folder))


CRASH = Behaviour(
    exits_after=2.5,
    exit_code=1,
    lines=("starting Portainer 2.40.0", "migrating database from 2.33.3"),
    last_words="fatal: unable to open database: timeout",
)


@take
async def rolled_back(folder: Path) -> Told:
    """The new deployment ends again and again."""
    return await update(websoft9(folder, images={"deployment": tags("deployment", "2.40.0", behaviour=CRASH)}))


TAKEN = "Error response from daemon: driver failed programming external connectivity: Bind for 0.0.0.0:{} failed"


def port(service: str, number: int, *, nth: int = 1, times: int = 0) -> Fault:
    """A stranger has a port when a service is to be started."""
    return Fault(call="start", subject=service, nth=nth, times=times, reason=TAKEN.format(number))


@take
async def needs_recovery(folder: Path) -> Told:
    """The new deployment ends again and again, and on the way back git cannot be started."""
    images = {"deployment": tags("deployment", "2.40.0", behaviour=CRASH)}
    return await update(websoft9(folder, port("git", 3000, nth=2), images=images))


@take
async def port_taken(folder: Path) -> Told:
    """A stranger takes a port of the proxy in the middle of the update."""
    studio = websoft9(folder, port("proxy", 80, times=1))
    return await update(studio)


@take
async def went_back(folder: Path) -> Told:
    """All is well, and the operator goes back, data included."""
    return await update(websoft9(folder), outcome=Choice.ROLL_BACK_DATA)


@take
async def cancelled(folder: Path) -> Told:
    """The operator cancels while the images come."""
    return await websoft9(folder).run("websoft9", verb=Verb.WIZARD, script=operator(), cancel_after="pull-finished")


@take
async def recovered(folder: Path) -> Told:
    """An update was killed while it recreated its services; the next run goes on with it."""
    studio = websoft9(folder)
    wanted = ("websoft9", *(f"{name}={tag}" for name, tag in WANTED.items()))
    await studio.kill(Options(arguments=wanted, assume_yes=True), recreating, 2.6)
    await asyncio.sleep(3600)
    return await studio.run("websoft9", verb=Verb.WIZARD, script=operator(recover=Choice.FORWARD))


def recreating(event: e.Event) -> bool:
    """Whether services are being recreated."""
    return isinstance(event, e.StepStarted) and event.kind == "recreate"


@take
async def data_left(folder: Path) -> Told:
    """The files mount another volume than the one that has the data of git."""
    studio = websoft9(folder)
    text = studio.file.read_text().replace("source: gitea,", "source: storage,")
    studio.file.write_text(text.replace("gitea: {name: websoft9_gitea}", "storage: {name: websoft9_storage}"))
    return await update(studio)


# --- pulls and versions -------------------------------------------------------------------------------------------


@take
async def pull_trouble(folder: Path) -> Told:
    """One pull is silent for a while, a registry has a moment of weakness."""
    stall = Fault(call="pull", subject="*/apphub@*", effect="stall", at=0.4, times=1)
    busy = Fault(
        call="pull", subject="*/deployment@*", at=0.4, times=3, code="registry-server-error",
        reason="received unexpected HTTP status: 503 Service Unavailable",
    )  # fmt: skip
    return await update(websoft9(folder, stall, busy, rate=20e6))


@take
async def pull_failed(folder: Path) -> Told:
    """A registry allows no more pulls, and the operator gives up."""
    limit = Fault(
        call="pull", subject="*/deployment@*", at=0.4, code="rate-limited", retry_after=21600,
        reason="toomanyrequests: You have reached your pull rate limit",
    )  # fmt: skip
    return await update(websoft9(folder, limit), pull_failed=Choice.CANCEL)


@take
async def versions_warned(folder: Path) -> Told:
    """An image says of no version that it is its own."""
    image = tags("deployment", "2.40.0", label_key="org.opencontainers.image.revision")
    return await update(websoft9(folder, images={"deployment": image}), versions=Choice.CANCEL)


@take
async def versions_refused(folder: Path) -> Told:
    """An image says that it is the version that runs already."""
    return await update(websoft9(folder, images={"deployment": tags("deployment", "2.40.0", label="2.33.3")}))


_NAMES = (
    "web",
    "worker-for-background-jobs-and-mail",
    "database",
    "redis",
    "search-elasticsearch",
    "minio",
    "collabora-online-development-edition",
    "cron",
    "imaginary",
    "clamav",
    "backup",
    "notify_push",
)
_REGISTRY = "registry.internal.example.com:5000/department-of-records"
TWELVE = Scenario(
    name="twelve",
    images=tuple(
        Published(f"{_REGISTRY}/{name}:{n}", f"{n}.14.{n * 3}", f"{n}.15.0-alpine" if n % 4 else "", (30, 10 + 9 * n))
        for n, name in enumerate(_NAMES, 1)
    ),
    files=PROJECTS,
    project="records",
    folder="srv/records",
    rate=400e6,
)


@take
async def twelve(folder: Path) -> Told:
    """Many services with long names, most of which have an update."""
    updates = tuple(name for n, name in enumerate(_NAMES, 1) if n % 4)
    operates = operator({}, select=Choice.GO)
    return await Studio(folder, TWELVE).run("records", verb=Verb.WIZARD, script=operates, selection=updates)


@take
async def listed(folder: Path) -> Told:
    """The operator has the tags of a service listed, and leaves it at that."""

    def asks(asked: e.Asked) -> Answer:
        if asked.ask == 1:
            return e.Decision(ask=0, choice=Choice.TAGS, actor=ROOT, services=("deployment",))
        return None

    others = ("2.27.9", "2.33.7", "2.39.1", "2.40.0", "2.41.0-rc1", "latest")
    deployment = msgspec.structs.replace(tags("deployment", "2.40.0"), other_tags=others)
    return await websoft9(folder, images={"deployment": deployment}).run("websoft9", verb=Verb.WIZARD, script=asks)


# --- what an update finds -------------------------------------------------------------------------------------------


@take
async def nothing_to_do(folder: Path) -> Told:
    """All images are what the registry has, but for one that could not be checked."""
    images = {_name(image): msgspec.structs.replace(image, other_tags=()) for image in WEBSOFT9.images}
    down = Fault(
        call="resolve", subject="*/apphub:*", code="registry-unreachable",
        reason='Get "https://registry-1.docker.io/v2/": dial tcp 203.0.113.9:443: i/o timeout',
    )  # fmt: skip
    away = msgspec.structs.replace(down, call="tags", subject="*/apphub")
    studio = websoft9(folder, down, away, images=images)
    await studio.run("websoft9", verb=Verb.ADOPT)
    await asyncio.sleep(3600)
    return await update_nothing(studio)


async def update_nothing(studio: Studio) -> Told:
    """Have the wizard end without anything selected."""
    return await studio.run("websoft9", verb=Verb.WIZARD, script=operator({}))


@take
async def first_start(folder: Path) -> Told:
    """The files are there, and nothing runs yet."""
    studio = websoft9(folder, installed=False)
    operates = operator({}, select=Choice.GO)
    return await studio.run(str(studio.folder), project_name="websoft9", verb=Verb.WIZARD, script=operates)


@take
async def adopted(folder: Path) -> Told:
    """What runs is recorded, and nothing is changed."""
    return await websoft9(folder).run("websoft9", verb=Verb.ADOPT)


MIXED = Scenario(
    name="mixed",
    images=(
        Published("websoft9dev/apphub:0.2", "0.2.6", "0.2.8"),
        Published("websoft9dev/deployment:2.33.3", "2.33.3", other_tags=("2.39.1", "2.40.0"), checked=True),
        Published("websoft9dev/proxy:2.12.7", "2.12.7", checked=True),
        *(
            Published(f"{name}:{tag}", tag)
            for name, tag in (
                ("ghcr.io/acme/portal", "5"),
                ("postgres", "17.2"),
                ("acme/mailer", "3"),
                ("acme/cron", "1.4"),
                ("acme/builder", "1"),
            )
        ),
    ),
    files=PROJECTS / "mixed",
    project="websoft9",
    folder="data/websoft9/source/docker",
)


@take
async def mixed(folder: Path) -> Told:
    """Every status that a service can have."""
    denied = [
        Fault(call=call, subject="ghcr.io/*", code="unauthorized", reason="denied") for call in ("resolve", "tags")
    ]
    studio = Studio(folder, msgspec.structs.replace(MIXED, faults=tuple(denied)))
    pinned = studio.world.lookup("postgres:17.2").digest
    text = studio.file.read_text().replace("postgres:17.2", f"postgres:17.2@{pinned}")
    studio.file.write_text(text)
    await studio.compose.up(studio.source, ["proxy", "database"])
    studio.file.write_text(text.replace("mailer:3\n", "mailer:3\n    hostname: mail\n"))
    for image in studio.world.images.values():
        if "websoft9dev/proxy:2.12.7" in image.tags:
            image.spec = msgspec.structs.replace(image.spec, behaviour=Behaviour(healthy_after=None))
    del studio.world.containers[studio.container("cron").made.id]
    await asyncio.sleep(3600)
    return await studio.run("websoft9", verb=Verb.WIZARD, script=operator({}))


SHOP = Scenario(
    name="shop",
    images=(
        Published("example.org/git:1", "1.25.1", "1.25.5", (30, 18)),
        Published("postgres:16", "16.4", other_tags=("17", "18"), checked=True),
        Published("acme/cache:1", "1"),
    ),
    files=PROJECTS,
    project="shop",
    folder="srv/shop",
    rate=24e6,
)


@take
async def shop(folder: Path) -> Told:
    """A small project is updated, line by line."""
    operates = operator({}, select=Choice.GO)
    return await Studio(folder, SHOP).run("shop", script=operates, selection=("git",), step_by_step=True)


@take
async def held(folder: Path) -> Told:
    """An update that the project wants to be older."""
    return await Studio(folder, SHOP).run("shop", verb=Verb.WIZARD, script=operator({}), minimum_age=259200.0)


@take
async def checked(folder: Path) -> Told:
    """An image whose signature and vulnerabilities are looked at."""
    who = "builds@example.org"
    settings = f"{{signature: {{identity: {who}, issuer: 'https://example.org'}}, scan: trivy, from: '>=1 <2'}}"
    studio = Studio(folder, SHOP)
    text = studio.file.read_text()
    studio.file.write_text(text.replace("git:1\n", f"git:1\n    x-ws9tui: {settings}\n", 1))
    new = studio.world.lookup("example.org/git:1")
    old = studio.container("git").made.image_id
    studio.world.programs = ["cosign", "trivy"]
    studio.world.signatures = {f"example.org/git@{new.digest}": Signed(by=who)}
    fixed, kept, fresh = (
        Vulnerability("CVE-2026-1187", Severity.HIGH, "openssl"),
        Vulnerability("CVE-2026-2204", Severity.HIGH, "zlib"),
        Vulnerability("CVE-2026-3310", Severity.LOW, "curl"),
    )
    studio.world.vulnerabilities = {old: (fixed, kept), new.id: (kept, fresh)}
    return await studio.run("shop", verb=Verb.WIZARD, script=operator({}, select=Choice.GO), selection=("git",))


@take
async def choosing(folder: Path) -> Told:
    """More than one project runs, and none is where the operator stands."""
    studio = websoft9(folder)
    for number, name in enumerate(("wordpress_a1b2c", "nextcloud_x9y8z", "gitlab_q1w2e"), 1):
        await studio.beside(name, f"{name.partition('_')[0]}:{number}.0")
    studio.folder = folder / "root"
    studio.folder.mkdir()
    return await studio.run(verb=Verb.WIZARD, script=operator(project=Choice.CANCEL))


@take
async def no_engine(folder: Path) -> Told:
    """The engine may not be reached."""
    studio = websoft9(folder)
    with mock.patch.object(files, "user", return_value="deploy"):
        error = problems.engine_error("info", studio.world.info.host, PermissionError())
    with mock.patch.object(studio.engine, "info", side_effect=error):
        return await studio.run("websoft9", verb=Verb.WIZARD, script=operator())


# --- what is unpleasant to show ------------------------------------------------------------------------------------

EVIL = "\x1b[2J\x1b[31m[/red][bold]owned\x1b]0;title\x07\u202e"


@take
async def hostile(folder: Path) -> Told:
    """An image and a registry that would like to be obeyed."""
    studio = websoft9(folder, Fault(call="resolve", subject="*/apphub:*", code="pull-failed", reason=f"no {EVIL} luck"))
    for image in studio.world.images.values():
        image.spec = msgspec.structs.replace(image.spec, labels={"version": f"1.0{EVIL}"})
    return await update_nothing(studio)


@take
async def hostile_logs(folder: Path) -> Told:
    """A service whose log and health check are full of escapes and wide characters."""
    told = Behaviour(
        healthy_after=None,
        lines=(EVIL, "错误: 数据库连接失败 " * 12, "\x1b]8;;http://x\x07link\x1b]8;;\x07", "[/not] [a] tag"),
        health_output=f"curl: (7) {EVIL} refused",
    )
    return await update(websoft9(folder, images={"apphub": tags("apphub", "0.2.8", behaviour=told, checked=True)}))


# --- generations ----------------------------------------------------------------------------------------------------


async def generations_of(studio: Studio) -> None:
    """Have four generations."""
    for wanted in ("apphub=0.2.7", "git=1.25.5", "apphub=0.2.8"):
        await asyncio.sleep(30 * 86400)
        assert (await studio.run("websoft9", wanted, assume_yes=True)).outcome is Outcome.KEPT


@take
async def gone_back(folder: Path) -> Told:
    """Upstream's script was run half-way, and the operator chooses what is to run again."""
    studio = websoft9(folder)
    await generations_of(studio)
    world = studio.world
    for reference in ("websoft9dev/apphub:0.2.6", "websoft9dev/git:1.25.1"):
        held = world.lookup(reference)
        del world.images[held.id]
    del world.registry["websoft9dev/apphub"]
    world.faults.append(Fault(call="resolve", subject="*/git@*", effect="stall"))
    for service in ("deployment", "git", "proxy"):
        del world.containers[studio.container(service).made.id]
    studio.env.write_text(studio.env.read_text().replace("CONSOLE_PORT=9000", "CONSOLE_PORT=9090"))
    studio.file.unlink()

    def script(asked: e.Asked) -> Answer:
        if asked.question is Question.GENERATION:
            return e.Decision(ask=0, choice=Choice.GO, actor=ROOT, generation=3)
        return Choice.KEEP if asked.question is Question.OUTCOME else Choice.GO

    return await studio.run("websoft9", verb=Verb.ROLLBACK, script=script)


# --- releases ---------------------------------------------------------------------------------------------------------


class Site(Websoft9):
    """Websoft9, whose releases are in a folder instead of on its site."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(
        self, source: str, options: Options, into: Path, check: Callable[[], None], layout: str = ""
    ) -> Release | None:
        """Get what the site would have."""
        if source == "websoft9":
            source, options = str(self.folder), msgspec.structs.replace(options, folder="/")
        return super().fetch(source, options, into, check, layout)


def bundle(folder: Path, version: str, env: str, compose: str) -> Path:
    """Make a release."""
    files = {"docker/docker-compose.yml": compose, "docker/.env": env, "install/install.sh": "#!/bin/sh\n"}
    return put(folder, {**files, "version.json": json.dumps({"version": version, "plugins": {}, "OS": {}})})


def site(studio: Studio, folder: Path, **others: str) -> Site:
    """Have release 2.2.17 published; some of its texts are others than those of 2.2.9."""
    env, compose = studio.env.read_text(), studio.file.read_text()
    moved = {"0.2.6": "0.2.8", "2.33.3": "2.40.0", "1.25.1": "1.25.5", **others}
    for old, new in moved.items():
        env, compose = env.replace(old, new), compose.replace(old, new)
    return Site(bundle(folder / "site", "2.2.17", env, compose))


async def install(folder: Path, *faults: Fault, taken: bool = False, **images: Published) -> Told:
    """Have the wizard install Websoft9 on a machine without a project."""
    studio = websoft9(folder, *faults, images=images, installed=False)
    studio.releases = site(studio, folder)
    for file in (studio.file, studio.env, studio.folder.parent / "version.json"):
        file.unlink()
    where = studio.folder
    studio.folder.rmdir()
    studio.folder = folder / "root"
    studio.folder.mkdir()
    if taken:
        await studio.beside("my-websoft9-thing", "nginx:1.29.1", ports=[PORT], container_name="my-websoft9-thing")
        studio.container("app").change(project="", service="")
    left = [Choice.CHECK, Choice.CANCEL if taken else Choice.GO]

    def script(asked: e.Asked) -> Answer:
        if asked.question is Question.INSTALL:
            return left.pop(0)
        return {Question.OUTCOME: Choice.KEEP, Question.FAILED: Choice.ROLL_BACK}.get(asked.question, Choice.GO)

    with mock.patch.dict(layout.USUAL_FOLDERS, {"legacy": str(where)}):
        return await studio.run(verb=Verb.WIZARD, script=script)


@take
async def installed(folder: Path) -> Told:
    """A first installation that is kept."""
    return await install(folder)


@take
async def install_taken(folder: Path) -> Told:
    """A stranger has a port that the installation wants."""
    return await install(folder, taken=True)


@take
async def install_failed(folder: Path) -> Told:
    """A first installation that does not get well, and is taken away again."""
    return await install(folder, deployment=tags("deployment", "2.40.0", behaviour=CRASH))


@take
async def released(folder: Path) -> Told:
    """An installation with changes of its own goes to a release that has changed the same."""
    studio = websoft9(folder)
    studio.env.write_text(studio.env.read_text() + "ADMIN_PASSWORD=changeme\n")
    old = bundle(folder / "root" / "websoft9-2.2.9", "2.2.9", studio.env.read_text(), studio.file.read_text())
    logging = "restart: always\n    logging: {driver: json-file}\n    volumes: [gitea"
    changed = {"GATEWAY=80\n": "GATEWAY=8000\n", "changeme": "changed", "restart: always\n    volumes: [gitea": logging}
    studio.releases = site(studio, folder, **changed)
    studio.env.write_text(
        studio.env.read_text().replace("GATEWAY=80\n", "GATEWAY=8080\n").replace("changeme", "correct-horse")
    )
    name = "container_name: websoft9-git\n"
    studio.file.write_text(studio.file.read_text().replace(name, f"{name}    mem_limit: 512m\n"))
    await asyncio.sleep(3600)
    left = [Choice.RELEASE]

    def script(asked: e.Asked) -> Answer:
        if asked.question is Question.SELECT and left:
            return e.Decision(ask=0, choice=left.pop(), actor=ROOT, answers={"source": "websoft9"})
        return Choice.KEEP if asked.question is Question.OUTCOME else Choice.GO

    return await studio.run("websoft9", verb=Verb.WIZARD, old_release=str(old), script=script)
