"""The help texts of the command line: usage, description and flags of each command.

Usage and description are texts without gaps, so brackets in them are literal. The messages of the standard library's
parser are looked up in the same catalogue.
"""

from __future__ import annotations

from ws9tui.core.model.options import MONITOR, PULL_TIMEOUT, STALL_TIMEOUT
from ws9tui.words.language import mark, translated
from ws9tui.words.template import Message

WIZARD = "wizard"
"""the name for a call without a command"""
_USAGE = {
    "wizard": mark("ws9tui [PROJECT] [FLAG]…\n       ws9tui COMMAND …"),
    "update": mark("ws9tui update [PROJECT] [SERVICE[=REF]]… [FLAG]…"),
    "install": mark("ws9tui install [SOURCE] [FLAG]…"),
    "rollback": mark("ws9tui rollback [PROJECT] [--to N] [FLAG]…"),
    "recover": mark("ws9tui recover [PROJECT] [--back | --forward | --leave | --to N] [--print-unit] [FLAG]…"),
    "attach": mark("ws9tui attach [PROJECT] [FLAG]…"),
    "cancel": mark("ws9tui cancel [PROJECT] [FLAG]…"),
    "history": mark("ws9tui history [PROJECT] [RUN [--report FILE] | --diff N M | --pin N | --unpin N] [FLAG]…"),
    "doctor": mark("ws9tui doctor [PROJECT] [FLAG]…"),
    "adopt": mark("ws9tui adopt [PROJECT] [FLAG]…"),
    "bundle": mark("ws9tui bundle [PROJECT] [SERVICE[=REF]]… -o FILE [FLAG]…"),
    "backup": mark("ws9tui backup [PROJECT] [-o FILE] [FLAG]…"),
    "restore": mark("ws9tui restore FILE [FLAG]…"),
    "demo": mark("ws9tui demo [SCENARIO] [--list] [--speed N] [FLAG]…"),
    "websoft9-upgrade": mark("ws9tui websoft9-upgrade [detect | doctor | inspect] [FLAG]…"),
    "completion": mark("ws9tui completion bash|zsh|fish"),
    "man": mark("ws9tui man"),
}
_ABOUT = {
    "wizard": mark("""\
Updates a Docker Compose project in two phases: first every image is pulled and checked, with nothing stopped; then,
once you have confirmed the plan, Compose recreates the containers. If a service fails afterwards, the update is rolled
back. If an earlier run was interrupted, recovery comes first; if a run is in progress, ws9tui attaches to it."""),
    "update": mark("""\
Updates a project line by line, without panes. SERVICE alone limits the update to it; SERVICE=REF selects another tag,
version or digest, which is also written to the project's files. Instead of a tag, use 'newest' for the newest of all,
'latest-minor' for the newest of the same major version, 'latest-patch' for the newest of the same minor version."""),
    "install": mark("""\
Installs a project for the first time: images first, then the containers. If it fails, what it created is removed.
Without SOURCE, a form asks for the source and all settings. With SOURCE, settings with a default are not asked."""),
    "rollback": mark("""\
Rolls back to an earlier generation: its files, its images, its containers. The images are kept on this server, so no
network is needed. It succeeds only if the running images match the recorded ones. On a terminal it shows all available
generations, and how each differs from what runs now. Missing or broken files are restored. Data stays as it is, unless
it was backed up before an update and you restore it, too (--data)."""),
    "recover": mark("""\
Recovers a run that was interrupted in the middle of its changes, by a crash, a reboot or a kill. It inspects what runs
now, and then rolls back to the state before that run, or finishes it. Both can be repeated.

If no run was interrupted, it shows all available generations and restores one of them, whatever state the files, the
containers and the tags are in."""),
    "attach": mark(
        "Watches the run in progress and answers its questions. If you leave, the run continues in the background."
    ),
    "cancel": mark("""\
Ends the run in progress. If nothing was changed yet, it is cancelled, and what it pulled is removed. If containers are
being recreated or watched, it is rolled back once the current step is done. The command waits for the end of the run,
and the history says who stopped it.

A run that waits for an answer before any change also ends by itself: five minutes after its terminal was lost, or an
hour after you left it on purpose. With --yes nothing is asked, and the run ends when it is done."""),
    "history": mark(
        "Lists runs and generations, or shows one run in full: who, when, what was planned, every step and every"
        " decision; also as a report to hand on. Compares generations, and pins them, so that they are never removed."
    ),
    "doctor": mark("Shows what would stop an update, each problem with its remedy. It changes nothing."),
    "adopt": mark("""\
Records what runs now as a generation: its files and its images, which get keep tags. Nothing else changes. Use it
before the first update with ws9tui, or before you change something by hand: 'ws9tui rollback' then returns to it."""),
    "bundle": mark("""\
Writes a project's images and files into one archive, for a server without a network. Run it on a machine with a
network and Docker; the project need not run there. The images are pulled by digest and removed afterwards; the project
itself does not change. The bundle contains the images of all services, or only those of each SERVICE you name;
SERVICE=REF takes another tag or version, also in the bundle's copy of the files.

On the server: 'ws9tui update PROJECT --from FILE' if the project runs there: it takes the images and their tags.
'ws9tui install FILE' if it does not: it takes the files, too.

The bundle is for the platform of the engine where it is made. It contains the files that Compose reads, including env
files with their secrets in plain text: they are listed before anything is written. Values from the shell are not in
it."""),
    "backup": mark("""\
Saves a project in one file: all volumes and folders that its containers mount, its own folder with everything in it,
the files that Compose reads, the containers' definitions, and which images they run, by digest. The services are
stopped while the data is copied, so that it is consistent, and the same containers are started again, also if the
backup fails; the plan says what is saved, what is not, and for how long. What was written is read again and compared
before the file gets its name. The images themselves are in it only with --images.

The hooks before_commit and dump run before the services are stopped, and after_rollback when they run again. A paused
container stays paused.

The file contains secrets; only you can read it. It is a plain tar archive. 'ws9tui restore FILE' makes the project
again from it."""),
    "restore": mark("""\
Makes a project again from what 'ws9tui backup' wrote: here, after it was lost or purged, or on another server. All
checksums are verified first. The plan shows what is created and what is in the way. Data that is there already stays
if it is the same as in the backup; else it is put aside and replaced, which needs your consent (--overwrite without a
terminal). Images are pulled by digest, or taken from the backup or from --from. Volumes and external networks that are
gone are created as they were. Afterwards a plain 'docker compose up -d' recreates nothing. A folder in the saved ones
in which another project stands, as applications stand in Portainer's, stays as it is. No hook runs.

If it is interrupted, run it again. It does not restore Linux accounts, host packages, systemd units, Cockpit, or data
of other projects."""),
    "demo": mark("Shows the wizard on a simulated engine. It needs no Docker and touches nothing of yours."),
    "websoft9-upgrade": mark("""\
Upgrades Websoft9 (modern layout) as 'ws9tui update --release' does, but is called as Websoft9's own upgrade script is:
with its options and its variables W9_ARTIFACT_BASE, W9_BACKUP_ROOT and WEBSOFT9_DATA_ROOT; its lines, its last block
and its exit statuses. So the script can call it in one line.

Unlike the script it never takes a missing answer for a yes, never migrates the legacy layout, and removes nothing where
both layouts are found: it stops with an error and says what to do.

'detect' tells which layout this server has; its last line is empty, legacy, modern or mixed. 'doctor' (or 'inspect')
shows what would stop an upgrade."""),
    "completion": mark("""\
Prints a script by which the shell completes commands, flags, their values, and the names of known projects and of their
services. It asks 'ws9tui completion projects' and 'ws9tui completion services [PROJECT]' for the names."""),
    "man": mark("Prints the manual page, made from the same texts as this help, for man(1) to show."),
}
_SUMMARIES = {
    "update": ("[PROJECT] [SERVICE[=REF]]…", Message("update line by line, without panes")),
    "install": ("[SOURCE]", Message("install for the first time")),
    "adopt": ("[PROJECT]", Message("record what runs now, so that you can roll back to it")),
    "rollback": ("[PROJECT] [--to N]", Message("roll back to an earlier generation")),
    "recover": ("[PROJECT] [--to N]", Message("recover from an interrupted run, or from any other state")),
    "attach": ("[PROJECT]", Message("watch the run in progress and answer its questions")),
    "cancel": ("[PROJECT]", Message("end the run in progress, or roll it back")),
    "history": ("[PROJECT] [RUN]", Message("runs and generations; one run in full")),
    "doctor": ("[PROJECT]", Message("what would stop an update")),
    "bundle": (
        "[PROJECT] [SERVICE=REF]… -o FILE",
        Message("images and files in one archive, for a server without a network"),
    ),
    "backup": ("[PROJECT] [-o FILE]", Message("save data, files and definitions in one file")),
    "restore": ("FILE", Message("make a project again from a backup, here or on another server")),
    "demo": ("[SCENARIO]", Message("the wizard on a simulated engine: no Docker needed")),
    "websoft9-upgrade": ("[FLAG]…", Message("upgrade Websoft9, called as its own script is")),
    "completion": ("bash|zsh|fish", Message("print the completion script of a shell")),
    "man": ("", Message("print the manual page")),
    "help": ("[COMMAND]", Message("the help of a command")),
}


def usage(command: str) -> str:
    """Returns the usage of a command."""
    return translated(_USAGE[command])


def about(command: str) -> list[str]:
    """Returns the description of a command, in paragraphs."""
    return [" ".join(paragraph.split()) for paragraph in translated(_ABOUT[command]).split("\n\n")]


def commands() -> tuple[str, ...]:
    """Returns all commands in display order."""
    return tuple(_SUMMARIES)


def takes(command: str) -> str:
    """Returns the arguments of a command in short."""
    return _SUMMARIES[command][0]


def summary(command: str) -> str:
    """Returns the one-line summary of a command."""
    return _SUMMARIES[command][1]()


_FLAGS = {
    "PROJECT": Message(
        "a Compose project's name, its folder or its file; default: the project in the current folder, else the only"
        " one on the engine"
    ),
    "--file": Message("a Compose file; repeatable"),
    "--project-name": Message("the project's name"),
    "--profile": Message("a profile; repeatable"),
    "--env-file": Message("an env file; repeatable"),
    "--plan": Message("print the plan and stop; nothing changes"),
    "update --list": Message("list what is available for each service, with sizes and ages, and stop"),
    "--mirror": Message(
        "pull from this mirror, by the digest of the original registry; without REGISTRY: of Docker Hub; repeatable"
    ),
    "--trust-mirror": Message("accept digests that only a mirror reports"),
    "--minimum-age": Message(
        "hold updates first seen on this server less than TIME ago; 0 holds nothing; default: minimum_age in x-ws9tui"
    ),
    "--yes": Message("answer every question with its default; required without a terminal"),
    "--step-by-step": Message("wait at each step, even with nothing to decide; default: step_by_step in x-ws9tui"),
    "--on-failure": Message(
        "what to do when an unattended run fails; default: rollback, or the project's update_config.failure_action"
    ),
    "--notify": Message(
        "notify this URL (JSON by POST) or command (JSON on stdin) when a question waits, something fails, or the run"
        " ends; repeatable"
    ),
    "--confirm-within": Message(
        "roll back unless somebody confirms 'keep' in time; default: keep when all services are OK"
    ),
    "--backup": Message(
        "back up this service's volumes and bind mounts while it is stopped, so that they can be restored with the"
        " image; repeatable. Databases and the like are proposed automatically"
    ),
    "--leave-data": Message(
        "accept that the service loses access to its data at this path, because the files mount something else there;"
        " repeatable"
    ),
    "--no-backup": Message("back up no data, not even what the settings name"),
    "--backup-dir": Message("where to store backups; default: below the state directory"),
    "--monitor": Message(
        "how long a recreated service must stay OK; default: the project's update_config.monitor, else"
        " {default:duration}"
    ),
    "--expect": Message("the version that the image must state, or the digest that it must have; repeatable"),
    "--accept": Message(
        "continue although this check of the service's image stops the run (signature, scan, path): it could not be"
        " made, or you accept what it found; repeatable"
    ),
    "--pull-timeout": Message("timeout for the whole pull; default: {default:duration}"),
    "--stall-timeout": Message("timeout without any progress of a pull; default: {default:duration}"),
    "--from": Message(
        "bundles from 'ws9tui bundle', archives from 'docker save', or folders of them; no registry is asked."
        " The update proposed for a service is what the bundle has"
    ),
    "--output": Message("the file to write; only you can read it"),
    "--overwrite": Message("replace an existing file"),
    "backup --output": Message(
        "the file to write; only you can read it. Default: PROJECT-TIME.ws9backup.tar in the current folder"
    ),
    "--images": Message("also put the images into the file, for a server without a network"),
    "restore arguments": Message("the file that 'ws9tui backup' wrote"),
    "restore --overwrite": Message(
        "accept what the plan replaces; data that differs is put aside first. Asked on a terminal"
    ),
    "--images-only": Message("without the project's files: only for an update"),
    "bundle --plan": Message("list what it would contain and stop"),
    "--release": Message(
        "update to a release of Websoft9, files and images together: its folder, zip file or URL, 'websoft9' for the"
        " latest, 'websoft9@VERSION' for a specific one"
    ),
    "--old-release": Message(
        "the release that is installed now, to tell your own changes from the release's; required if ws9tui did not"
        " install it"
    ),
    "--compose-file": Message("what to do with a Compose file that you have changed, when nobody is asked"),
    "--checksum": Message("SHA-256 of a zip file that has no checksum file"),
    "--channel": Message("where to look for releases; release candidates only with rc or dev; default: release"),
    "--site": Message("a mirror of the site where releases are published"),
    "install arguments": Message(
        "a folder with a Compose file, or such a file; a bundle; or a Websoft9 release: its folder, its zip file or"
        " URL, 'websoft9' for the latest, 'websoft9@VERSION' for a specific one; without it, a form asks"
    ),
    "--answers": Message(
        "read what is not given here from this file (YAML): source, version, channel, site, checksum, folder,"
        " project, settings, from"
    ),
    "--write-answers": Message("write such a file at the end, for the next install"),
    "--folder": Message(
        "where to install; default: where Websoft9 expects it; for a bundle, a folder here with the project's name"
    ),
    "--set": Message("a setting of the release, such as CONSOLE_PORT=9090; repeatable"),
    "--remove-volumes": Message("if it fails, remove the volumes it created even if they hold data"),
    "--to": Message("the generation to roll back to; default: ask on a terminal, else the one before"),
    "--data": Message("also restore the data backed up for that generation; default: images only"),
    "--no-data": Message("with --back: images only, the data stays as it is"),
    "recover --to": Message("restore a recorded generation, whatever runs now"),
    "--print-unit": Message("only print a systemd unit that recovers at boot"),
    "--report": Message(
        "write a report of the run to FILE: one page of HTML (.html) or Markdown (.md); - is Markdown on stdout"
    ),
    "--diff": Message("compare two generations: images, files line by line, settings, saved data"),
    "--pin": Message("keep generation N, its images and its newest saved data until it is unpinned"),
    "--unpin": Message("no longer keep generation N"),
    "websoft9-upgrade arguments": Message("only look: which layout, or what would stop an upgrade"),
    "--console-port": Message("another port for the console: CONSOLE_PORT in .env; default: as it is"),
    "websoft9-upgrade --version": Message("the version to upgrade to; default: the latest release"),
    "websoft9-upgrade --path": Message("where Websoft9 is installed; default: /opt/websoft9"),
    "websoft9-upgrade --yes": Message("ask nothing; required without a terminal"),
    "--dry-run": Message("print the plan and stop; nothing changes"),
    "--force": Message("accepted; has no effect"),
    "--execute_mode": Message("accepted; has no effect"),
    "history arguments": Message("the project; the number of one of its runs"),
    "demo arguments": Message("the scenario; default: a smooth update"),
    "--list": Message("list the scenarios"),
    "--speed": Message("run this many times faster"),
    "--help": Message("show this help"),
    "--version": Message("show the version"),
    "--no-mouse": Message("leave the mouse to the terminal, to select text with it"),
    "--plain": Message("line by line, without panes, colour and tables"),
    "--json": Message("one JSON event per line on stdout, everything else on stderr"),
    "parser --json": Message("one JSON object per line"),
    "parser --plain": Message("plain lines, without colour and tables"),
    "SHELL": Message("the shell to complete for: bash, zsh or fish"),
    "--state-dir": Message(
        "where runs and generations are stored; default: /var/lib/ws9tui for root, else the XDG state directory"
    ),
    "--lang": Message("language: en, zh_CN; default: that of LC_ALL, LC_MESSAGES or LANG"),
    "--back": Message("roll back to the state before the interrupted run"),
    "--forward": Message("finish the interrupted run"),
    "--leave": Message("leave everything as it is, and stop offering recovery"),
}
_DEFAULTS = {"--monitor": MONITOR, "--pull-timeout": PULL_TIMEOUT, "--stall-timeout": STALL_TIMEOUT}
_GROUPS = {
    "commands": Message("commands", "heading of flags"),
    "arguments": Message("arguments", "heading of flags"),
    "options": Message("options", "heading of flags"),
    "project": Message("project, as in Compose", "heading of flags"),
    "versions": Message("versions", "heading of flags"),
    "pull": Message("pull", "heading of flags"),
    "trust": Message("trust", "heading of flags"),
    "decisions": Message("decisions", "heading of flags"),
    "data": Message("data", "heading of flags"),
    "watch": Message("watch", "heading of flags"),
    "release": Message("a release", "heading of flags"),
    "history": Message("one run, or generations", "heading of flags"),
    "answers": Message("answers", "heading of flags"),
    "bundle": Message("the bundle", "heading of flags"),
    "upstream": Message("as Websoft9's own script has them", "heading of flags"),
    "backup": Message("the backup", "heading of flags"),
    "way": Message("which way; asked if none is given", "heading of flags"),
    "output": Message("output", "heading of flags"),
    "general": Message("general", "heading of flags"),
    "examples": Message("examples", "heading of flags"),
    "exits": Message("exit status", "heading of flags"),
}


_ARGPARSE = (
    mark("argument %(argument_name)s: %(message)s"),
    mark("expected one argument"),
    mark("expected at most one argument"),
    mark("expected at least one argument"),
    mark("ignored explicit argument %r"),
    mark("invalid choice: %(value)r (choose from %(choices)s)"),
    mark("not allowed with argument %s"),
    mark("unrecognized arguments: %s"),
)
"""messages of the standard library's parser, which looks them up in the process's gettext domain: ours"""


def flag(name: str) -> str:
    """Returns the help of a flag or an argument, escaped for argparse."""
    return _FLAGS[name](default=_DEFAULTS.get(name)).replace("%", "%%")


def group(name: str) -> str:
    """Returns the heading of a group of flags."""
    return _GROUPS[name]()


USAGE = Message("usage: {usage:said}")
HEADING = Message("{title:said}:", "heading of flags")
MORE = Message("'ws9tui COMMAND --help' shows the details of a command.")


# --- errors in a command line

FLAGS_AFTER = Message("flags go after the subcommand: ws9tui {command:said} {flags:said}")
MEANT = Message("{problem:said}[ (did you mean {near:said}?)]; see '{command:said} --help'")
HISTORY_TAKES = Message("history takes a project and the number of a run")
ANSWERS_CANNOT = Message("--write-answers cannot be combined with -f, --profile or --env-file")
DATA_WITH_TO = Message("--data needs --to N")
NO_DATA_WITH = Message("--no-data needs --back or --to N")
UNIT_TELLS = Message(
    "--notify may contain a secret, and a unit can be read by all users; put it into the project's files instead, as"
    " notify in x-ws9tui"
)
COMPLETION_TAKES = Message("completion needs bash, zsh or fish")
OUTPUT_MISSING = Message("-o FILE is missing: name the bundle file to write")
EXPECT_PAIR = Message("--expect {pair:name}: write it as SERVICE=VERSION")
EXPECT_DIGEST = Message("--expect {pair:name}: a digest is sha256: and 64 hexadecimal digits")
EXPECT_TWICE = Message("--expect names {service:name} twice, with different versions")
ACCEPT = Message("--accept {text:name}: write it as SERVICE:CHECK; CHECK is one of {checks:said}")
SET_PAIR = Message("--set {pair:name}: write it as NAME=VALUE")
SET_TWICE = Message("--set names {name:name} twice, with different values")
MIRROR = Message("'{typed:short}' is not a mirror; write it as HOST or REGISTRY=HOST, each with its port and path")
RECEIVER = Message("it must be a URL with http:// or https://, or a command with matching quotes")
CHECKSUM = Message("it must have 64 hexadecimal digits")
PORT = Message("it must be a port from 1 to 65535")
NOT_POSITIVE = Message("it must be longer than zero")
NO_REPORT = Message("['{typed:short}': ]a report's name ends in {known:said}; - writes it to stdout")
REPORT_OR_JSON = Message("--report cannot be combined with --json; 'history RUN --json' prints the run's events")
RUN_MISSING = Message("--report needs the number of a run; <history> lists them")
NO_RUN_HERE = Message("--diff, --pin and --unpin are about generations; they take no run")
NO_NUMBER = Message("'{typed:short}' is not a generation number; <history> lists them")
SPEED = Message("it must be a number from 0.1 to 1000")
LANGUAGE = Message("there is no translation into '{typed:short}', only {languages:said}")
EMPTY = Message("it is empty")
