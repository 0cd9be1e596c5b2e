"""What the YAML tells besides: where images are written, x-ws9tui with file and line, and the files that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ws9tui.core.compose.definition import Definition, decoded, read
from ws9tui.core.compose.settings import ServiceSettings
from ws9tui.core.model.trust import Severity, Signature
from ws9tui.errors import ComposeError, UsageError
from ws9tui.problems.problem import reason_of


def of(tmp_path: Path, *texts: str) -> Definition:
    files = []
    for number, text in enumerate(texts):
        file = tmp_path / f"{number}.yml"
        file.write_bytes(text.encode())
        files.append(str(file))
    return read(tuple(files))


def test_images_and_where_they_stand(tmp_path: Path) -> None:
    text = "x: é\r\nservices:\r\n  a:\r\n    image: 'a:1'\r\n  b: {image: b:2}\r\n  c: {build: .}\r\n"
    found = of(tmp_path, text)
    assert set(found.images) == {"a", "b"}
    (a,), (b,) = found.images["a"], found.images["b"]
    assert (a.value, a.line, a.style, text[a.start : a.end]) == ("a:1", 4, "'", "'a:1'")
    assert (b.value, b.line, b.style, text[b.start : b.end]) == ("b:2", 5, "", "b:2")


def test_the_last_file_counts(tmp_path: Path) -> None:
    found = of(tmp_path, "services: {a: {image: a:1}, b: {image: b:1}}\n", "services: {a: {image: a:2}}\n")
    assert found.images["a"][0].value == "a:2"
    assert found.images["a"][0].file == str(tmp_path / "1.yml")
    assert found.images["b"][0].file == str(tmp_path / "0.yml")


def test_merge_keys(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        """\
x-base: &base {image: base:1, x-ws9tui: {expect: '1'}}
x-more: &more {image: more:1}
services:
  a: {<<: *base}
  b: {<<: *base, image: b:1}
  c: {<<: [*more, *base]}
  d: *base
""",
    )
    assert {name: places[0].value for name, places in found.images.items()} == {
        "a": "base:1",
        "b": "b:1",
        "c": "more:1",
        "d": "base:1",
    }
    assert found.images["a"] == found.images["d"]
    assert set(found.settings) == {"a", "b", "c", "d"}


def test_tags_of_compose(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        "services: {a: {image: a:1, ports: ['80:80']}}\n",
        "services: {a: {ports: !reset [], image: !override 'a:2', environment: !override {A: 1}}, b: !reset null}\n",
    )
    assert found.images["a"][0].value == "a:2"
    assert set(found.images) == {"a"}


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "services:\n", "services: []\n", "services: {a: }\n", "[]\n", "x\n"]
)
def test_files_without_services(tmp_path: Path, text: str) -> None:
    assert of(tmp_path, text).images == {}


def test_the_files_that_it_names(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        """\
include:
  - one.yml
  - path: two.yml
  - path: [three.yml, $FOUR/four.yml]
    env_file: five.env
    project_directory: elsewhere
services:
  a: {extends: b}
  b: {extends: {file: six.yml, service: x}}
  c: {extends: {service: x, file: six.yml}}
""",
    )
    [file] = found.files
    paths = ("one.yml", "two.yml", "three.yml", "$FOUR/four.yml", "five.env", "six.yml")
    assert found.nested == tuple((file, path) for path in paths)


def test_the_settings_of_services_and_of_the_file(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        """\
x-ws9tui: {keep_generations: 3}
services:
  a:
    x-ws9tui:
      expect: 2.3
      version_command: [app, --version]
      probe: http://localhost:8080/health
      one_shot: false
      monitor: 1m30s
      backup: true
  b:
    x-ws9tui:
      backup: [/data, /var/lib/b]
      version_command: app --version | head -1
      one_shot: true
  c:
    x-ws9tui: {}
""",
        "x-ws9tui: {}\nservices: {c: {x-ws9tui: {expect: '5'}}}\n",
    )
    assert found.keep_generations == 3
    assert found.settings == {
        "a": ServiceSettings(
            expect="2.3",
            version_command=("app", "--version"),
            probe="http://localhost:8080/health",
            one_shot=False,
            monitor=90,
            backup=True,
            backup_at=(str(tmp_path / "0.yml"), 10),
        ),
        "b": ServiceSettings(
            version_command=("/bin/sh", "-c", "app --version | head -1"),
            one_shot=True,
            backup=True,
            backup_paths=("/data", "/var/lib/b"),
            backup_at=(str(tmp_path / "0.yml"), 13),
        ),
        "c": ServiceSettings(expect="5"),
    }


@pytest.mark.parametrize(
    ("settings", "key", "line", "reason"),
    [
        ("text", "x-ws9tui", 4, "mapping"),
        ("\n      - a", "x-ws9tui", 5, "mapping"),
        ("\n      monitor: soon", "monitor", 5, "duration"),
        ("\n      monitor: -1s", "monitor", 5, "duration"),
        ("\n      monitor: [1s]", "monitor", 5, "text"),
        ("\n      expect:", "expect", 5, "text"),
        ("\n      expect: {a: b}", "expect", 5, "text"),
        ("\n      expect: sha256:abc", "expect", 5, "digest"),
        ("\n      probe: localhost", "probe", 5, "url"),
        ("\n      probe: file:///etc/passwd", "probe", 5, "url"),
        ("\n      one_shot: maybe", "one_shot", 5, "true-or-false"),
        ("\n      one_shot: [true]", "one_shot", 5, "true-or-false"),
        ("\n      backup: maybe", "backup", 5, "paths"),
        ("\n      backup: []", "backup", 5, "paths"),
        ("\n      backup: [data]", "backup", 5, "paths"),
        ("\n      backup: {a: b}", "backup", 5, "paths"),
        ("\n      expect: 1\n      version_command: []", "version_command", 6, "text"),
        ("\n      version_command: [[a]]", "version_command", 5, "text"),
        ("\n      from: latest", "from", 5, "range"),
        ("\n      from: [2]", "from", 5, "text"),
        ("\n      scan: clair", "scan", 5, "scanner"),
        ("\n      scan: true", "scan", 5, "scanner"),
        ("\n      scan: [trivy]", "scan", 5, "text"),
        ("\n      scan_fail_on: bad", "scan_fail_on", 5, "severity"),
        ("\n      signature: cosign.pub", "signature", 5, "signature"),
        ("\n      signature: true", "signature", 5, "signature"),
        ("\n      signature: {}", "signature", 5, "signature"),
        ("\n      signature: {key: a, issuer: b}", "signature", 5, "signature"),
        ("\n      signature: {key: a, identity: b, issuer: c}", "signature", 5, "signature"),
        ("\n      signature: {identity: b}", "signature", 5, "signature"),
        ("\n      signature: {issuer: b}", "signature", 5, "signature"),
        ("\n      signature: {tlog: false}", "signature", 5, "signature"),
        ("\n      signature:\n        key: a\n        tlog: no", "tlog", 7, "true-or-false"),
        ("\n      signature:\n        key: [a]", "key", 6, "text"),
    ],
)
def test_settings_that_are_wrong(tmp_path: Path, settings: str, key: str, line: int, reason: str) -> None:
    with pytest.raises(UsageError) as wrong:
        of(tmp_path, f"services:\n  a:\n    image: x\n    x-ws9tui: {settings}\n")
    assert wrong.value.problem.code == "settings-invalid"
    assert wrong.value.problem.facts == {
        "key": key,
        "file": str(tmp_path / "0.yml"),
        "line": str(line),
        "reason": reason,
    }


def test_by_whom_images_must_be_signed(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        """\
x-ws9tui: {signature: {key: a.pub}}
services:
  a: {}
  b: {x-ws9tui: {signature: {key: 'k8s://x', tlog: false}, expect: '1'}}
  c: {x-ws9tui: {signature: {identity_regexp: '^https://x/', issuer: 'https://i'}}}
  d: {x-ws9tui: {signature: false}}
""",
        "services: {a: {image: x}, e: {x-ws9tui: {expect: '2'}}}\nx-ws9tui: {signature: {key: b.pub}}\n",
    )
    assert found.settings == {
        "a": ServiceSettings(signature=Signature(key="b.pub", by="b.pub")),
        "b": ServiceSettings(signature=Signature(key="k8s://x", tlog=False, by="k8s://x"), expect="1"),
        "c": ServiceSettings(signature=Signature(identity_regexp="^https://x/", issuer="https://i", by="^https://x/")),
        "d": ServiceSettings(signature=Signature()),
        "e": ServiceSettings(signature=Signature(key="b.pub", by="b.pub"), expect="2"),
    }
    assert not found.settings["d"].signature


def test_which_scanner_looks_at_images(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        """\
x-ws9tui: {scan: trivy, scan_fail_on: critical}
services:
  a: {}
  b: {x-ws9tui: {scan: false}}
  c: {x-ws9tui: {scan: grype, scan_fail_on: low}}
""",
    )
    assert found.settings == {
        "a": ServiceSettings(scan="trivy", scan_fail_on=Severity.CRITICAL),
        "b": ServiceSettings(scan="", scan_fail_on=Severity.CRITICAL),
        "c": ServiceSettings(scan="grype", scan_fail_on=Severity.LOW),
    }


def test_variables_are_filled_into_all_that_may_have_them() -> None:
    signature = Signature(key="$K/a", identity="$I", identity_regexp="$R", issuer="$S", tlog=False, by="$K/a")
    said = ServiceSettings(
        expect="$E", probe="$P", comes_from="$F", version_command=("$A", "$B"), signature=signature, monitor=1
    )
    assert said.texts == ("$E", "$P", "$F", "$A", "$B", "$K/a", "$I", "$R", "$S")
    assert said.filled([text.lower() for text in said.texts]) == ServiceSettings(
        expect="$e",
        probe="$p",
        probe_as_written="$P",
        comes_from="$f",
        version_command=("$a", "$b"),
        signature=Signature(key="$k/a", identity="$i", identity_regexp="$r", issuer="$s", tlog=False, by="$K/a"),
        monitor=1,
    )
    assert ServiceSettings().filled(list(ServiceSettings().texts)) == ServiceSettings()


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5", "[1]"])
def test_numbers_that_are_wrong(tmp_path: Path, number: str) -> None:
    with pytest.raises(UsageError) as wrong:
        of(tmp_path, f"services: {{}}\nx-ws9tui:\n  keep_generations: {number}\n")
    assert (wrong.value.problem.code, wrong.value.problem.facts["line"]) == ("settings-invalid", "3")


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("x-ws9tui:\n  keep: 3\n", "keep", 2),
        ("services:\n  a:\n    x-ws9tui:\n      expect: '1'\n      expekt: '1'\n", "expekt", 5),
        ("services:\n  a:\n    x-ws9tui: {keep_generations: 1}\n", "keep_generations", 3),
        ("services:\n  a:\n    x-ws9tui:\n      signature:\n        kee: a\n", "kee", 5),
        ("x-ws9tui: {expect: '1'}\n", "expect", 1),
        ("x-ws9tui: {[a]: 1}\n", "[a]", 1),
        ("x-ws9tui: {<<: {expect: 1}}\n", "<<", 1),
    ],
)
def test_unknown_keys_are_told_with_file_and_line(tmp_path: Path, text: str, key: str, line: int) -> None:
    with pytest.raises(UsageError) as unknown:
        of(tmp_path, text)
    assert unknown.value.problem.code == "settings-unknown-key"
    facts = unknown.value.problem.facts
    assert (facts["file"], facts["line"]) == (str(tmp_path / "0.yml"), str(line))
    if key != "[a]":
        assert facts["key"] == key


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"services:\n  a: [\n", 3),
        (b"a: b\n  c: d\n", 2),
        (b"services: *nowhere\n", 1),
        (b"a: \xff\n", 0),
        (b"a: \x07\n", 0),
        (b"a: b\n---\n  c: d\n e: f\n", 4),
    ],
)
def test_what_is_no_yaml(tmp_path: Path, content: bytes, line: int) -> None:
    file = tmp_path / "x.yml"
    file.write_bytes(content)
    found = read((str(file),))
    problem = found.unread[str(file)]
    assert (problem.code, problem.facts["file"], problem.line or 0) == (
        "compose-file-invalid",
        str(file),
        line,
    )
    assert reason_of(problem)
    assert not found.images


@pytest.mark.parametrize(
    "content",
    [
        b"services:\n  a:\n    image: a:1\t# tab before the comment\n",
        b'{\n\t"services": {\n\t\t"a": {"image": "a:1"}\n\t}\n}\n',
        b"services: {a: {image: a:0}}\n---\nservices: {a: {image: a:1}}\n",
        "services: {a: {image: a:1}}\n".encode("utf-16"),
        "\ufeffservices: {a: {image: a:1}}\n".encode("utf-16-be"),
        "\ufeffservices: {a: {image: a:1}}\n".encode(),
    ],
)
def test_files_of_every_kind_that_compose_reads(tmp_path: Path, content: bytes) -> None:
    """Tabs where YAML 1.2 allows them, JSON, several documents, UTF-16: the place of an image is found in each."""
    file = tmp_path / "x.yml"
    file.write_bytes(content)
    (place,) = read((str(file),)).images["a"]
    text, encoding = decoded(content)
    assert text[place.start : place.end].strip('"') == "a:1"
    assert text.encode(encoding) == content


def test_a_service_of_a_file_that_is_only_extended_is_another_one(tmp_path: Path) -> None:
    base = tmp_path / "base.yml"
    base.write_text(
        "services:\n"
        "  tmpl: {image: t:1, x-ws9tui: {expect: '1'}}\n"
        "  web: {image: other:1, x-ws9tui: {expect: '9'}}\n"
        "  more: {image: m:1}\n"
    )
    file = tmp_path / "x.yml"
    file.write_text("services: {web: {extends: {file: base.yml, service: tmpl}}}\n")
    found = read((str(file),), {(str(file), "base.yml"): str(base)})
    assert {name: places[0].value for name, places in found.images.items()} == {"web": "t:1"}
    assert found.settings == {"web": ServiceSettings(expect="1")}


def test_what_is_included_belongs_to_the_project(tmp_path: Path) -> None:
    more = tmp_path / "more.yml"
    more.write_text("services: {db: {image: db:1}, web: {image: web:0}}\n")
    file = tmp_path / "x.yml"
    file.write_text("include: [more.yml]\nservices: {web: {image: web:1}}\n")
    found = read((str(file),), {(str(file), "more.yml"): str(more)})
    assert {name: places[0].value for name, places in found.images.items()} == {"web": "web:1", "db": "db:1"}
    assert [place.value for place in found.images["web"]] == ["web:1", "web:0"]
    assert found.files == (str(file), str(more))


def test_the_env_file_beside_an_included_file_belongs_to_it_unless_another_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.yml"
    file.write_text(
        "include:\n"
        "  - plain/a.yml\n"
        "  - path: [first/a.yml, second/b.yml]\n"
        "  - {path: named/a.yml, env_file: n.env}\n"
        "  - {path: placed/a.yml, project_directory: .}\n"
        "services: {web: {extends: {file: extended/a.yml, service: a}}}\n"
    )
    names = [f"{folder}/a.yml" for folder in ("plain", "first", "named", "placed", "extended")]
    for name in names:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("services: {a: {image: a:1}}\n")
    (tmp_path / "plain/a.yml").write_text("include: [below/c.yml]\n")
    paths = {(str(file), name): str(tmp_path / name) for name in (*names, "second/b.yml", "n.env")}
    below = {(str(tmp_path / "plain/a.yml"), "below/c.yml"): str(tmp_path / "plain/below/c.yml")}
    found = read((str(file),), paths | below)
    assert {str(Path(path).relative_to(tmp_path)) for path in found.include_env_files} == {
        "n.env",
        "plain/.env",
        "first/.env",
        "plain/below/.env",
    }


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ComposeError) as missing:
        read((str(tmp_path / "no.yml"),))
    assert missing.value.problem.facts["reason"] == "No such file or directory"
