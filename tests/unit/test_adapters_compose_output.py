from __future__ import annotations

import pytest

from support.told import facts
from ws9tui.adapters.compose import output
from ws9tui.adapters.compose.output import ComposeStep
from ws9tui.core.model.source import ProjectSource

SOURCE = ProjectSource(name="web", folder="/srv/web", files=("/srv/web/compose.yaml",))
TWO = ProjectSource(name="web", folder="/srv/web", files=("/srv/web/a.yml", "/srv/web/b.yml"))
FILE = "/srv/web/compose.yaml"
WARNING = (
    'time="2026-01-01T00:00:00Z" level=warning msg="The \\"PW\\" variable is not set. Defaulting to a blank string."'
)


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ('{"id":"Container web-app-1","status":"Working","text":"Recreate"}', ComposeStep("web-app-1", "Recreate")),
        ('{"id":"Container web-app-1","status":"Recreate"}', ComposeStep("web-app-1", "Recreate")),
        ('{"id":"Container web-app-1","text":""}', None),
        ('{"id":"Network web_default","status":"Done","text":"Created"}', None),
        ('{"error":true,"message":"no such service: x"}', None),
        ("[1]", None),
        ("{", None),
        (" Container web-app-1  Recreated", ComposeStep("web-app-1", "Recreated")),
        (" Container web-app-1 Creating ", ComposeStep("web-app-1", "Creating")),
        (" Network web_default  Created", None),
        ("", None),
    ],
)
def test_steps_of_all_versions(line: str, step: ComposeStep | None) -> None:
    assert output.step(line) == step


def test_undefined_variables_are_named_once() -> None:
    plain = 'The "TAG" variable is not set. Defaulting to a blank string.'
    assert output.undefined(f"{WARNING}\n{WARNING}\n{plain}\nsomething else") == ["PW", "TAG"]


def test_hashes_are_read() -> None:
    assert output.hashes("app aa11\ndb bb22\n\nnoise\n") == {"app": "aa11", "db": "bb22"}


# what Compose says, from 2.20 to 5.6: file, line, and words of the reason
INVALID = {
    "go-yaml load error in parser (while parsing a flow node) at L5.C1: did not find expected node content": (
        FILE,
        "5",
        "did not find expected node content",
    ),
    "yaml: line 3: mapping values are not allowed in this context": (FILE, "3", "mapping values are not allowed"),
    "parsing /srv/web/extra.yml: yaml: line 7: did not find expected key": (
        "/srv/web/extra.yml",
        "7",
        "did not find expected key",
    ),
    "failed to parse /srv/web/inc.yml: go-yaml load error in parser at L4.C2: bad": ("/srv/web/inc.yml", "4", "bad"),
    "failed to parse /srv/web/q.yml: yaml: construct errors: line 1: line 4: key defined at line 3": (
        "/srv/web/q.yml",
        "4",
        "key defined",
    ),
    "validating /srv/web/b.yml: services.app.imagee false schema": (
        "/srv/web/b.yml",
        "",
        "services.app.imagee false schema",
    ),
    "validating /srv/web/b.yml: services.app Additional property imagee is not allowed": (
        "/srv/web/b.yml",
        "",
        "Additional property imagee is not allowed",
    ),
    'compose file "/srv/web/none.yml" is invalid: open /srv/web/none.yml: no such file or directory': (
        "/srv/web/none.yml",
        "",
        "no such file or directory",
    ),
    "open /srv/web/none.yml: no such file or directory": ("/srv/web/none.yml", "", "no such file or directory"),
    "env file /srv/web/a.env not found: stat /srv/web/a.env: no such file or directory": (
        "/srv/web/a.env",
        "",
        "no such file or directory",
    ),
    "couldn't find env file: /srv/web/a.env": ("/srv/web/a.env", "", "couldn't find env file"),
    "Couldn't find env file: /srv/web/a.env": ("/srv/web/a.env", "", "find env file"),
    'service "a" depends on undefined service "zz": invalid compose project': (FILE, "", 'undefined service "zz"'),
    "services must be a mapping": (FILE, "", "services must be a mapping"),
    "no configuration file provided: not found": (FILE, "", "no configuration file provided"),
    "services.app.image must be a string": (FILE, "", "must be a string"),
}


# an up opens other things as well
AT_UP = [said for said in INVALID if not said.startswith("open ")]
CASES = [("config", said) for said in INVALID] + [("up", said) for said in AT_UP]


@pytest.mark.parametrize(("verb", "said"), CASES, ids=lambda text: text[:50])
def test_a_file_that_is_not_valid(verb: str, said: str) -> None:
    file, line, words = INVALID[said]
    problem = output.error(verb, 1, f"{WARNING}\n{said}\n", SOURCE).problem
    assert problem.code == "compose-file-invalid"
    assert (problem.facts["file"], problem.facts["line"]) == (file, line)
    assert words in problem.facts["reason"]
    assert "level=warning" not in problem.facts["reason"]


def test_of_two_files_none_is_blamed_without_reason() -> None:
    assert output.error("config", 1, "services must be a mapping", TWO).problem.facts["file"] == ""


@pytest.mark.parametrize("said", ["{}", 'compose file "/srv/web/a.yml" is invalid: {}', "env file: failed to read: {}"])
def test_a_file_that_may_not_be_read(said: str) -> None:
    said = said.format("open /srv/web/.env: permission denied")
    problem = output.error("config", 1, f"{WARNING}\n{said}\n", SOURCE).problem
    assert (problem.code, problem.facts["path"]) == ("file-forbidden", "/srv/web/.env")


@pytest.mark.parametrize(
    ("said", "variable", "reason"),
    [
        ("error while interpolating services.a.image: required variable X is missing a value: need it", "X", "need it"),
        ("required variable TAG is missing a value", "TAG", ""),
    ],
)
def test_a_variable_that_is_required(said: str, variable: str, reason: str) -> None:
    problem = output.error("up", 1, said, SOURCE).problem
    assert problem.code == "compose-variable-required"
    assert problem.facts == {"variable": variable, "reason": reason}


TAKEN = "Error response from daemon: port is already allocated"
ABSENT = "Error response from daemon: No such image: a:1"
FAILED = [
    (f'{{"id":"Container web-app-1","text":"Starting"}}\n{{"error":true,"message":"{TAKEN}"}}\n', TAKEN),
    (f" Container web-app-1  Starting\n service:web:1 {ABSENT} \n{ABSENT}\n", ABSENT),
    (f"{WARNING}\nno such service: nope\n", "no such service: nope"),
    ('time="2026-01-01T00:00:00Z" level=error msg="cannot \\"do\\" it"\n', 'cannot "do" it'),
    ("", ""),
]


@pytest.mark.parametrize(("said", "reason"), FAILED)
def test_the_reason_of_a_failed_up(said: str, reason: str) -> None:
    problem = output.error("up", 17, said, SOURCE).problem
    assert problem.code == "compose-failed"
    assert problem.facts == {"command": "up", "status": "17", "reason": reason}


@pytest.mark.parametrize(
    "said",
    [
        "Error response from daemon: endpoint schema-registry (0a1b): Bind for 0.0.0.0:81 failed: port is allocated",
        "Error response from daemon: No such image: confluentinc/cp-schema-registry:7.6.1",
        'Error response from daemon: error mounting "/srv/t/traefik.yaml" to rootfs at "/t.yaml": not a directory',
        "Error response from daemon: open /srv/t/traefik.yaml: permission denied",
        "dependency failed to start: container shop-schema-registry-1 is unhealthy",
    ],
)
def test_what_the_engine_says_is_about_no_file_of_the_project(said: str) -> None:
    problem = output.error("up", 1, f"{WARNING}\n{said}\n", SOURCE).problem
    assert (problem.code, problem.facts["reason"]) == ("compose-failed", said)


def test_a_value_that_could_not_be_parsed_is_no_file() -> None:
    said = "'services[app].mem_limit' strconv.ParseFloat: parsing \"hunter2-long\": invalid syntax"
    problem = output.error("config", 1, said, SOURCE).problem
    assert problem.facts == {"file": FILE, "line": "", "reason": said}


@pytest.mark.parametrize(
    "said",
    [".\nYou may need to escape any $ with another $.\nse$cret{", ': "se$cret{". You may need to escape any $ with $'],
)
def test_a_text_with_a_dollar_is_not_shown(said: str) -> None:
    said = f"invalid interpolation format for services.db.environment.PW{said}"
    problem = output.error("config", 15, said, SOURCE).problem
    assert problem.code == "compose-file-invalid"
    assert facts(problem)["reason"].startswith("services.db.environment.PW: ")
    assert "cret" not in str(problem.facts)


def test_a_line_of_an_env_file_is_not_shown() -> None:
    said = 'failed to read /srv/web/.env: line 2: unterminated quoted value "secret\nmore secret'
    problem = output.error("up", 1, said, SOURCE).problem
    assert problem.code == "compose-file-invalid"
    assert problem.facts == {"file": "/srv/web/.env", "line": "2", "reason": "unterminated quoted value"}
