"""The help texts of the command line."""

from __future__ import annotations

PROJECT_HELP = (
    "a Compose project's name, its folder or its file; left out: the folder that one stands in, else the only project"
    " on the engine"
)

_FLAGS = "[FLAG]…"
USAGE = {
    "wizard": f"ws9tui [PROJECT] {_FLAGS}\n       ws9tui COMMAND …",
    "update": f"ws9tui update [PROJECT] [SERVICE[=REF]]… {_FLAGS}",
    "install": f"ws9tui install [SOURCE] {_FLAGS}",
    "rollback": f"ws9tui rollback [PROJECT] [--to N] {_FLAGS}",
    "recover": f"ws9tui recover [PROJECT] [--back | --forward | --leave | --to N] [--print-unit] {_FLAGS}",
    "attach": f"ws9tui attach [PROJECT] {_FLAGS}",
    "history": f"ws9tui history [PROJECT] [RUN] {_FLAGS}",
    "doctor": f"ws9tui doctor [PROJECT] {_FLAGS}",
    "adopt": f"ws9tui adopt [PROJECT] {_FLAGS}",
    "demo": f"ws9tui demo [SCENARIO] [--list] [--speed N] {_FLAGS}",
}

ABOUT = {
    "wizard": """\
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
  history   [PROJECT] [RUN]              runs and generations; one run in full
  doctor    [PROJECT]                    what would stop an update
  demo      [SCENARIO]                   the wizard on a simulated engine: no Docker needed

'ws9tui COMMAND --help' tells more of each.""",
    "update": """\
Updates a project line by line, without panes. SERVICE alone restricts the update to it; SERVICE=REF asks for another
tag, version or digest, which is also written to the project's files.""",
    "install": """\
Installs a project for the first time: images first, then the containers. If it fails, what it made is removed.
Without SOURCE a form asks for it, and for all that may be set; with SOURCE nothing is asked that has a default.""",
    "rollback": """\
Brings an earlier generation back: its files, its images, its containers. The images are kept on this engine, so no
network is needed. Success means that the running images are the recorded ones. On a terminal it shows every generation
that can be reached, and how each differs from what runs. Files that are gone or broken are put back. Data stays as it
is, unless it was saved before an update and is to go back too.""",
    "recover": """\
Deals with a run that was interrupted in the middle of its changes, by a crash, a reboot or a kill. It looks at what
runs now, and then goes back to what was before, or forward to what was wanted. Both may be repeated.

Where no run was interrupted, it shows every generation that can be reached, and brings one of them: whatever the files,
the containers and the tags look like now.""",
    "attach": "Watches the run that is live, and takes its decisions. Leaving again does not stop it.",
    "history": """\
Lists runs and generations, or tells one run in full: who, when, what was planned, every step and every decision.""",
    "doctor": "Tells what would stop an update, each finding with its remedy. It changes nothing.",
    "adopt": """\
Records what runs as a generation: its files, and its images, which get keep tags. Nothing else changes. Do it where
ws9tui never ran before, or before somebody works by hand: 'ws9tui rollback' then leads back.""",
    "demo": "Shows the wizard on a simulated engine. It needs no Docker and touches nothing of yours.",
}

_EXITS = """\
exit status:
  0    the new generation runs, verified; or there was nothing to do
  1    it failed, and what ran before runs now
  2    the command line, the project or its files were not understood
  3    a check stopped it before any change
  4    another run of this project is live
  5    neither generation could be reached; the message gives the next commands
  129  left while the run goes on; 'ws9tui attach' comes back
  130  cancelled before anything was changed"""

END = {
    "wizard": f"""\
examples:
  ws9tui                                the project of this folder
  ws9tui websoft9                       a project by its name
  ws9tui /data/websoft9/source/docker   a project by its folder

{_EXITS}""",
    "update": f"""\
examples:
  ws9tui update                         what has an update, after asking
  ws9tui update websoft9 apphub git     only these two services
  ws9tui update websoft9 git=1.25.5     another tag for one of them
  ws9tui update websoft9 --plan         only print the plan
  ws9tui update shop --backup db        save the data of db first, so that it can go back with the image
  ws9tui update websoft9 --from images/ without a network, from what 'docker save' wrote
  ws9tui update websoft9 --yes --confirm-within 10m
                                        unattended; back again unless somebody attaches and keeps it

{_EXITS}""",
    "install": f"""\
examples:
  ws9tui install .
  ws9tui install /opt/shop --plan
  ws9tui install websoft9 --set CONSOLE_PORT=9090 --write-answers answers.yml
  ws9tui install --answers answers.yml --yes
                                        unattended, by a file of answers
  ws9tui install . --from web.tar db.tar.gz
                                        without a network, from what 'docker save' wrote

{_EXITS}""",
    "rollback": f"""\
examples:
  ws9tui rollback                       to the generation before the one that runs
  ws9tui rollback websoft9 --to 3       to a certain one; 'ws9tui history' lists them
  ws9tui rollback websoft9 --yes        without asking
  ws9tui rollback shop --to 3 --data    with the data that was saved of it; what is there now is saved first

{_EXITS}""",
    "recover": f"""\
examples:
  ws9tui recover                        look first, then choose
  ws9tui recover websoft9 --back        to what ran before
  ws9tui recover websoft9 --to 3        to a recorded generation, whatever there is now
  ws9tui recover --print-unit           a systemd unit that does it at boot

{_EXITS}""",
    "attach": f"""\
examples:
  ws9tui attach
  ws9tui attach websoft9 --plain

{_EXITS}""",
    "history": """\
examples:
  ws9tui history                        the project of this folder, or the only one
  ws9tui history websoft9 12            run 12 in full
  ws9tui history websoft9 12 --json     its events""",
    "doctor": """\
examples:
  ws9tui doctor
  ws9tui doctor websoft9 --json

exit status:
  0    nothing stops an update
  2    the project was not understood
  3    something would stop it""",
    "adopt": """\
examples:
  ws9tui adopt
  ws9tui adopt websoft9

exit status:
  0    recorded, or it was already
  2    the project was not understood, or nothing of it is there
  3    an interrupted run must be dealt with first""",
    "demo": """\
examples:
  ws9tui demo
  ws9tui demo --list
  ws9tui demo --speed 10""",
}
