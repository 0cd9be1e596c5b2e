"""The help texts of the command line: how each command is called, what it is for, and what its flags mean.

These are texts without gaps, so brackets stand for themselves. What the parser of the standard library says by itself
is looked up in the same catalogue.
"""

from __future__ import annotations

from ws9tui.core.model.options import MONITOR, PULL_TIMEOUT, STALL_TIMEOUT
from ws9tui.words.language import mark, translated
from ws9tui.words.template import Message

_USAGE = {
    "wizard": mark("ws9tui [PROJECT] [FLAG]…\n       ws9tui COMMAND …"),
    "update": mark("ws9tui update [PROJECT] [SERVICE[=REF]]… [FLAG]…"),
    "install": mark("ws9tui install [SOURCE] [FLAG]…"),
    "rollback": mark("ws9tui rollback [PROJECT] [--to N] [FLAG]…"),
    "recover": mark("ws9tui recover [PROJECT] [--back | --forward | --leave | --to N] [--print-unit] [FLAG]…"),
    "attach": mark("ws9tui attach [PROJECT] [FLAG]…"),
    "cancel": mark("ws9tui cancel [PROJECT] [FLAG]…"),
    "history": mark("ws9tui history [PROJECT] [RUN] [FLAG]…"),
    "doctor": mark("ws9tui doctor [PROJECT] [FLAG]…"),
    "adopt": mark("ws9tui adopt [PROJECT] [FLAG]…"),
    "bundle": mark("ws9tui bundle [PROJECT] [SERVICE[=REF]]… -o FILE [FLAG]…"),
    "demo": mark("ws9tui demo [SCENARIO] [--list] [--speed N] [FLAG]…"),
}
_ABOUT = {
    "wizard": mark("""\
Updates a Docker Compose project in two phases: first every image is pulled and checked, with nothing stopped; then,
once you have confirmed the plan, Compose recreates the containers. If a service is not well afterwards, the earlier
version runs again. An interrupted run is found and recovered first; a run that is live is attached to.

commands:
  update    [PROJECT] [SERVICE[=REF]]…   the same without panes
  install   [SOURCE]                     install for the first time
  adopt     [PROJECT]                    record what runs, so that one can come back to it
  rollback  [PROJECT] [--to N]           go back to an earlier generation
  recover   [PROJECT] [--to N]           deal with an interrupted run, or with a machine in any state
  attach    [PROJECT]                    watch the live run, take its decisions
  cancel    [PROJECT]                    end the live run, or let it roll back
  history   [PROJECT] [RUN]              runs and generations; one run in full
  doctor    [PROJECT]                    what would stop an update
  bundle    [PROJECT] [SERVICE=REF]… -o FILE
                                         images and files in one archive, for a server without a network
  demo      [SCENARIO]                   the wizard on a simulated engine: no Docker needed

'ws9tui COMMAND --help' tells more of each."""),
    "update": mark("""\
Updates a project line by line, without panes. SERVICE alone restricts the update to it; SERVICE=REF asks for another
tag, version or digest, which is also written to the project's files. In place of a tag, 'newest' means the newest of
all, 'latest-minor' and 'latest-patch' the newest that is no farther."""),
    "install": mark("""\
Installs a project for the first time: images first, then the containers. If it fails, what it made is removed.
Without SOURCE a form asks for it, and for all that may be set; with SOURCE nothing is asked that has a default."""),
    "rollback": mark("""\
Brings an earlier generation back: its files, its images, its containers. The images are kept on this engine, so no
network is needed. Success means that the running images are the recorded ones. On a terminal it shows every generation
that can be reached, and how each differs from what runs. Files that are gone or broken are put back. Data stays as it
is, unless it was saved before an update and is to go back too."""),
    "recover": mark("""\
Deals with a run that was interrupted in the middle of its changes, by a crash, a reboot or a kill. It looks at what
runs now, and then goes back to what was before, or forward to what was wanted. Both may be repeated.

Where no run was interrupted, it shows every generation that can be reached, and brings one of them: whatever the files,
the containers and the tags look like now."""),
    "attach": mark("Watches the run that is live, and takes its decisions. Leaving again does not stop it."),
    "cancel": mark("""\
Ends the run that is live. Where nothing was begun it is cancelled, and what it pulled is removed. Where containers are
being recreated or watched it rolls back: what is being done to a container is done first. It waits for the end of the
run, and the history says who has stopped it.

A run that waits for an answer, with nothing begun, also ends by itself: five minutes after its terminal was lost, and
an hour after it was left on purpose. With --yes nothing is asked, and a run ends when it is done."""),
    "history": mark(
        "Lists runs and generations, or tells one run in full: who, when, what was planned, every step and every"
        " decision."
    ),
    "doctor": mark("Tells what would stop an update, each finding with its remedy. It changes nothing."),
    "adopt": mark("""\
Records what runs as a generation: its files, and its images, which get keep tags. Nothing else changes. Do it where
ws9tui never ran before, or before somebody works by hand: 'ws9tui rollback' then leads back."""),
    "bundle": mark("""\
Puts a project's images and files into one archive, for a server that has no network. Make it on a machine that has one,
with Docker; the project need not run there. The images are pulled by digest and removed again, and nothing of the
project changes. All services' images are in it, unless SERVICE names some; SERVICE=REF puts another tag or version into
it, also into its copy of the files.

On the server: 'ws9tui update PROJECT --from FILE' where the project runs, which takes images and their tags, and
'ws9tui install FILE' where it does not, which takes the files, too.

The bundle is for the platform of the engine that it is made on. It has the files that Compose reads, env files and
their secrets among them, in clear: they are named before anything is written. Values from the shell are not in it."""),
    "demo": mark("Shows the wizard on a simulated engine. It needs no Docker and touches nothing of yours."),
}
_EXAMPLES = {
    "wizard": mark("""\
examples:
  ws9tui                                the project of this folder
  ws9tui websoft9                       a project by its name
  ws9tui /data/websoft9/source/docker   a project by its folder"""),
    "update": mark("""\
examples:
  ws9tui update                         what has an update, after asking
  ws9tui update websoft9 apphub git     only these two services
  ws9tui update websoft9 git=1.25.5     another tag for one of them
  ws9tui update websoft9 --plan         only print the plan
  ws9tui update shop --backup db        save the data of db first, so that it can go back with the image
  ws9tui update websoft9 --from images/ without a network, from what 'docker save' wrote
  ws9tui update shop --from shop.tar    without a network, from what 'ws9tui bundle' wrote
  ws9tui update websoft9 --yes --confirm-within 10m
                                        unattended; back again unless somebody attaches and keeps it"""),
    "install": mark("""\
examples:
  ws9tui install .
  ws9tui install /opt/shop --plan
  ws9tui install websoft9 --set CONSOLE_PORT=9090 --write-answers answers.yml
  ws9tui install --answers answers.yml --yes
                                        unattended, by a file of answers
  ws9tui install . --from web.tar db.tar.gz
                                        without a network, from what 'docker save' wrote
  ws9tui install shop.tar --folder /srv/shop
                                        without a network, from what 'ws9tui bundle' wrote"""),
    "rollback": mark("""\
examples:
  ws9tui rollback                       to the generation before the one that runs
  ws9tui rollback websoft9 --to 3       to a certain one; 'ws9tui history' lists them
  ws9tui rollback websoft9 --yes        without asking
  ws9tui rollback shop --to 3 --data    with the data that was saved of it; what is there now is saved first"""),
    "recover": mark("""\
examples:
  ws9tui recover                        look first, then choose
  ws9tui recover websoft9 --back        to what ran before
  ws9tui recover websoft9 --to 3        to a recorded generation, whatever there is now
  ws9tui recover --print-unit           a systemd unit that does it at boot"""),
    "attach": mark("""\
examples:
  ws9tui attach
  ws9tui attach websoft9 --plain"""),
    "cancel": mark("""\
examples:
  ws9tui cancel                         the run of this folder's project, or the only one that is live
  ws9tui cancel websoft9"""),
    "history": mark("""\
examples:
  ws9tui history                        the project of this folder, or the only one
  ws9tui history websoft9 12            run 12 in full
  ws9tui history websoft9 12 --json     its events"""),
    "doctor": mark("""\
examples:
  ws9tui doctor
  ws9tui doctor websoft9 --json"""),
    "adopt": mark("""\
examples:
  ws9tui adopt
  ws9tui adopt websoft9"""),
    "bundle": mark("""\
examples:
  ws9tui bundle shop --plan             what would be in it
  ws9tui bundle /srv/shop -o /media/stick/shop.tar
  ws9tui bundle shop web=2.4 -o shop-2.4.tar
                                        with another version of one service
  ws9tui bundle shop web db --images-only -o update.tar
                                        only these two images, for an update"""),
    "demo": mark("""\
examples:
  ws9tui demo
  ws9tui demo --list
  ws9tui demo --speed 10"""),
}
_EXITS = mark("""\
exit status:
  0    the new generation runs, verified; or there was nothing to do
  1    it failed, and what ran before runs now
  2    the command line, the project or its files were not understood
  3    a check stopped it before any change
  4    another run of this project is live
  5    neither generation could be reached; the message gives the next commands
  129  left while the run goes on; 'ws9tui attach' comes back
  130  cancelled before anything was changed""")
_OWN_EXITS = {
    "cancel": mark("""\
exit status:
  0    the run has ended, and what ran before runs
  1    it could not be stopped any more, and what it made runs
  2    no run of this project is live
  5    it could not go back; the message gives the next commands
  129  left before the run had ended"""),
    "history": "",
    "doctor": mark("""\
exit status:
  0    nothing stops an update
  2    the project was not understood
  3    something would stop it"""),
    "adopt": mark("""\
exit status:
  0    recorded, or it was already
  2    the project was not understood, or nothing of it is there
  3    an interrupted run must be dealt with first"""),
    "bundle": mark("""\
exit status:
  0    the bundle is there, whole
  1    it failed, and nothing is left of it
  2    the command line, the project or its files were not understood
  3    a check stopped it
  4    another run of this project is live
  130  cancelled, and nothing is left of it"""),
    "demo": "",
}
"""of the commands that end otherwise than an update"""


def usage(command: str) -> str:
    """How a command is called."""
    return translated(_USAGE[command])


def about(command: str) -> str:
    """What a command is for."""
    return translated(_ABOUT[command])


def end(command: str) -> str:
    """Examples of a command, and what its exit status says."""
    exits = _OWN_EXITS.get(command, _EXITS)
    return "\n\n".join(translated(part) for part in (_EXAMPLES[command], exits) if part)


_FLAGS = {
    "PROJECT": Message(
        "a Compose project's name, its folder or its file; left out: the folder that one stands in, else the only"
        " project on the engine"
    ),
    "--file": Message("a Compose file; repeatable"),
    "--project-name": Message("the project's name"),
    "--profile": Message("a profile; repeatable"),
    "--env-file": Message("an env file; repeatable"),
    "--plan": Message("print the plan and stop; nothing changes"),
    "update --list": Message("tell what may be had for each service, with sizes and ages, and stop"),
    "--mirror": Message(
        "pull from there, by the digest of the registry itself; without REGISTRY of Docker Hub; repeatable"
    ),
    "--trust-mirror": Message("agree to digests that only a mirror tells"),
    "--minimum-age": Message(
        "hold what was first seen here less than TIME ago; 0 holds nothing; default: minimum_age in x-ws9tui"
    ),
    "--yes": Message("take every decision by its default; needed where there is no terminal"),
    "--step-by-step": Message(
        "wait at each step, also where there is nothing to decide; default: step_by_step in x-ws9tui"
    ),
    "--on-failure": Message(
        "what an unattended failure does; default: rollback, or the project's update_config.failure_action"
    ),
    "--confirm-within": Message(
        "roll back unless somebody confirms 'keep' in time; default: keep when all services are well"
    ),
    "--backup": Message(
        "save this service's volumes and bind mounts while it is stopped, so that they can go back with the"
        " image; repeatable. Databases and the like are proposed unasked"
    ),
    "--leave-data": Message(
        "agree that the service sees the data that it has at this path no more, for the files mount something"
        " else there; repeatable"
    ),
    "--no-backup": Message("save no data, not even what is set"),
    "--backup-dir": Message("where saved data is kept; default: below the state directory"),
    "--monitor": Message(
        "how long a recreated service must stay well; default: the project's update_config.monitor, else"
        " {default:duration}"
    ),
    "--expect": Message("the version that the image must prove, or the digest that it must have; repeatable"),
    "--accept": Message(
        "go on though this check of the service's image stops the run (signature, scan, path), for it could not be"
        " made, or found what you take; repeatable"
    ),
    "--pull-timeout": Message("for the whole pull; default: {default:duration}"),
    "--stall-timeout": Message("without a byte of progress; default: {default:duration}"),
    "--from": Message(
        "bundles of 'ws9tui bundle', archives that 'docker save' wrote, or folders of them; no registry is asked then."
        " What a bundle has for a service is what is proposed"
    ),
    "--output": Message("the file to write; only you may read it"),
    "--overwrite": Message("replace a file of that name"),
    "--images-only": Message("without the project's files: for an update alone"),
    "bundle --plan": Message("print what would be in it and stop"),
    "--release": Message(
        "go to a release of Websoft9, files and images together: its folder, its zip file or URL, 'websoft9' for"
        " the latest, 'websoft9@VERSION' for a certain one"
    ),
    "--old-release": Message(
        "the release that is installed, by which your own changes are told from its makers'; needed where ws9tui"
        " did not install it"
    ),
    "--compose-file": Message("what becomes of a Compose file that you have changed, where nobody is asked"),
    "--checksum": Message("of a zip file that comes without its own"),
    "--channel": Message("where releases are looked for; candidates are taken only with rc or dev; default: release"),
    "--site": Message("a mirror of the site where releases are published"),
    "install arguments": Message(
        "a folder with a Compose file, or such a file; a bundle; or a Websoft9 release: its folder, its zip file or"
        " URL, 'websoft9' for the latest, 'websoft9@VERSION' for a certain one; left out: a form asks for it"
    ),
    "--answers": Message(
        "take what is not said here from this file (YAML): source, version, channel, site, checksum, folder,"
        " project, settings, from"
    ),
    "--write-answers": Message("at the end write such a file, for the next install"),
    "--folder": Message(
        "where to; default: where Websoft9 expects itself, and of a bundle a folder of the project's name here"
    ),
    "--set": Message("a setting of the release, such as CONSOLE_PORT=9090; repeatable"),
    "--remove-volumes": Message("if it fails, remove the volumes that it made though they hold data"),
    "--to": Message("the generation to go to; default: asks on a terminal, else the one before"),
    "--data": Message("the data saved of that generation goes back too; default: images only"),
    "--no-data": Message("with --back: images only, the data stays as it is"),
    "recover --to": Message("to a recorded generation, whatever runs now"),
    "--print-unit": Message("only print a systemd unit for the boot"),
    "history arguments": Message("the project; the number of one of its runs"),
    "demo arguments": Message("what happens; default: a smooth update"),
    "--list": Message("name the scenarios"),
    "--speed": Message("so many times faster than life"),
    "--help": Message("show this help"),
    "--version": Message("show the version"),
    "--no-mouse": Message("in the wizard, leave the mouse to the terminal, to select text with"),
    "--plain": Message("line by line, without panes"),
    "--json": Message("one JSON event a line on stdout, all else on stderr"),
    "parser --json": Message("one JSON object a line"),
    "--state-dir": Message(
        "where runs and generations are kept; default: /var/lib/ws9tui for root, else the XDG state directory"
    ),
    "--back": Message("to what ran before the interrupted run"),
    "--forward": Message("finish what the interrupted run began"),
    "--leave": Message("leave everything as it is, and stop offering recovery"),
}
_DEFAULTS = {"--monitor": MONITOR, "--pull-timeout": PULL_TIMEOUT, "--stall-timeout": STALL_TIMEOUT}
_GROUPS = {
    "project": Message("the project, as in Compose", "heading of flags"),
    "choice": Message("what may be had", "heading of flags"),
    "decisions": Message("decisions", "heading of flags"),
    "data": Message("data", "heading of flags"),
    "proof": Message("time and proof", "heading of flags"),
    "offline": Message("without a network", "heading of flags"),
    "release": Message("a release", "heading of flags"),
    "answers": Message("answers", "heading of flags"),
    "bundle": Message("the bundle", "heading of flags"),
    "way": Message("the way; asked for where none is given", "heading of flags"),
    "general": Message("in general", "heading of flags"),
}


_ARGPARSE = (
    mark("usage: "),
    mark("positional arguments"),
    mark("options"),
    mark("argument %(argument_name)s: %(message)s"),
    mark("expected one argument"),
    mark("expected at most one argument"),
    mark("expected at least one argument"),
    mark("ignored explicit argument %r"),
    mark("invalid choice: %(value)r (choose from %(choices)s)"),
    mark("not allowed with argument %s"),
    mark("unrecognized arguments: %s"),
)
"""what the standard library's parser says by itself: it looks it up in the process's gettext domain, which is ours"""


def flag(name: str) -> str:
    """What a flag or an argument means."""
    return _FLAGS[name](default=_DEFAULTS.get(name)).replace("%", "%%")


def group(name: str) -> str:
    """The heading over some flags."""
    return _GROUPS[name]()


# --- what is wrong with a command line

FLAGS_AFTER = Message("flags stand after the subcommand: ws9tui {command:said} {flags:said}")
MEANT = Message("{problem:said}[ (did you mean {near:said}?)]; see '{command:said} --help'")
HISTORY_TAKES = Message("history takes a project and the number of a run")
ANSWERS_CANNOT = Message("--write-answers cannot tell -f, --profile and --env-file")
DATA_WITH_TO = Message("--data goes with --to N")
NO_DATA_WITH = Message("--no-data goes with --back and --to N")
OUTPUT_MISSING = Message("-o FILE is missing: where the bundle is written to")
EXPECT_PAIR = Message("--expect {pair:name}: SERVICE=VERSION is expected")
EXPECT_DIGEST = Message("--expect {pair:name}: sha256: with 64 hexadecimal digits is expected")
EXPECT_TWICE = Message("--expect names {service:name} twice, with different versions")
ACCEPT = Message("--accept {text:name}: SERVICE:CHECK is expected, with one of {checks:said}")
SET_PAIR = Message("--set {pair:name}: NAME=VALUE is expected")
SET_TWICE = Message("--set names {name:name} twice, with different values")
MIRROR = Message("'{typed:short}' is no mirror; write it as [REGISTRY=]HOST[:PORT][/PATH]")
CHECKSUM = Message("64 hexadecimal digits are expected")
NOT_POSITIVE = Message("it must be longer than nothing")
NO_NUMBER = Message("'{typed:short}' is no generation's number; <history> lists them")
SPEED = Message("a number from 0.1 to 1000 is expected")
EMPTY = Message("it is empty")
