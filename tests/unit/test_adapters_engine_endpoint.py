from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from support.told import facts
from ws9tui.adapters.engine import endpoint
from ws9tui.adapters.engine.endpoint import DEFAULT_HOST, Endpoint
from ws9tui.adapters.engine.engine import DockerEngine
from ws9tui.errors import EngineError

OTHER = "unix:///other.sock"


def find(folder: Path, **environment: str) -> Endpoint:
    return endpoint.find({"DOCKER_CONFIG": str(folder), **environment})


def add_context(folder: Path, name: str, host: str, *, skip_verify: bool = False) -> Path:
    """Write a context as the docker command does, and return the folder for its certificates."""
    directory = hashlib.sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / directory / "meta.json"
    meta.parent.mkdir(parents=True)
    found = {"Host": host, "SkipTLSVerify": skip_verify}
    meta.write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": found}}))
    return folder / "contexts" / "tls" / directory / "docker"


def add_certificates(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or ("ca.pem", "cert.pem", "key.pem"):
        (folder / name).write_text("")


def test_the_usual_socket_is_the_last_resort(tmp_path: Path) -> None:
    assert find(tmp_path) == Endpoint(DEFAULT_HOST, context="default")


@pytest.mark.parametrize("text", ["{", "[]", '{"currentContext": null}', '{"currentContext": "default"}'])
def test_a_configuration_that_names_no_context(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    assert find(tmp_path) == Endpoint(DEFAULT_HOST, context="default")


def test_certificates_in_a_closed_folder_are_lacking(tmp_path: Path, closed: Callable[[Path], None]) -> None:
    certificates = add_context(tmp_path, "other", OTHER)
    add_certificates(certificates)
    closed(certificates.parent)
    assert find(tmp_path, DOCKER_CONTEXT="other") == Endpoint(OTHER, context="other")
    with pytest.raises(EngineError) as lacking:
        find(tmp_path, DOCKER_HOST="tcp://h:2376", DOCKER_CERT_PATH=str(certificates), DOCKER_TLS_VERIFY="1")
    assert facts(lacking.value.problem)["reason"] == f"{certificates} lacks ca.pem, cert.pem, key.pem"


def test_the_host_comes_before_contexts(tmp_path: Path) -> None:
    add_context(tmp_path, "other", OTHER)
    assert find(tmp_path, DOCKER_HOST="tcp://h:2375", DOCKER_CONTEXT="other") == Endpoint("tcp://h:2375")


@pytest.mark.parametrize(("current", "shell"), [("other", {}), ("gone", {"DOCKER_CONTEXT": "other"})])
def test_the_current_context_is_followed_and_that_of_the_shell_before_it(
    tmp_path: Path, current: str, shell: dict[str, str]
) -> None:
    add_context(tmp_path, "other", OTHER)
    (tmp_path / "config.json").write_text(f'{{"currentContext": "{current}"}}')
    assert find(tmp_path, **shell) == Endpoint(OTHER, context="other")


def test_what_compose_starts_means_the_same_engine_whatever_context_comes(tmp_path: Path) -> None:
    add_context(tmp_path, "far", "ssh://joe@far")
    (tmp_path / "config.json").write_text('{"currentContext": "far"}')
    pinned = find(tmp_path).pinned
    assert pinned == {"DOCKER_CONTEXT": "far", "SSH_ASKPASS_REQUIRE": "never"}
    (tmp_path / "config.json").write_text('{"currentContext": "default"}')
    assert find(tmp_path, **pinned).host == "ssh://joe@far"
    assert find(tmp_path).pinned == {"DOCKER_CONTEXT": "default"}
    assert find(tmp_path, DOCKER_HOST="tcp://h:2375").pinned == {}


@pytest.mark.parametrize("skip", [True, False])
def test_a_context_brings_its_certificates(tmp_path: Path, skip: bool) -> None:
    folder = add_context(tmp_path, "far", "tcp://far:2376", skip_verify=skip)
    add_certificates(folder)
    found = find(tmp_path, DOCKER_CONTEXT="far")
    assert found.secure
    assert found.verify is not skip
    assert (found.ca, found.certificate, found.key) == tuple(
        str(folder / name) for name in ("ca.pem", "cert.pem", "key.pem")
    )


def test_a_context_with_certificates_and_no_host_is_the_usual_socket(tmp_path: Path) -> None:
    add_certificates(add_context(tmp_path, "here", ""))
    assert find(tmp_path, DOCKER_CONTEXT="here").host == DEFAULT_HOST


def test_the_environment_names_certificates(tmp_path: Path) -> None:
    add_certificates(tmp_path / "here")
    found = find(tmp_path, DOCKER_HOST="tcp://h:2376", DOCKER_TLS_VERIFY="1", DOCKER_CERT_PATH=str(tmp_path / "here"))
    assert (found.secure, found.verify, found.ca) == (True, True, str(tmp_path / "here" / "ca.pem"))
    found = find(tmp_path, DOCKER_HOST="tcp://h:2376", DOCKER_CERT_PATH=str(tmp_path / "here"))
    assert (found.secure, found.verify) == (True, False)
    add_certificates(tmp_path)
    assert find(tmp_path, DOCKER_TLS_VERIFY="1").ca == str(tmp_path / "ca.pem")


def test_certificates_that_are_not_there_are_named(tmp_path: Path) -> None:
    add_certificates(tmp_path, "cert.pem")
    with pytest.raises(EngineError) as caught:
        find(tmp_path, DOCKER_TLS_VERIFY="1")
    assert facts(caught.value.problem)["reason"] == f"{tmp_path} lacks ca.pem, key.pem"


def test_a_context_that_is_not_there_is_no_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        find(tmp_path, DOCKER_CONTEXT="gone")
    assert facts(caught.value.problem) == {"host": "gone", "reason": "there is no context gone"}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"Endpoints": {}}'])
def test_a_damaged_context_is_no_engine(tmp_path: Path, text: str) -> None:
    add_context(tmp_path, "other", OTHER)
    next(tmp_path.glob("contexts/meta/*/meta.json")).write_text(text)
    with pytest.raises(EngineError, match="context-unreadable"):
        find(tmp_path, DOCKER_CONTEXT="other")


@pytest.mark.parametrize("host", ["ssh://", "ssh://-oProxyCommand=x", "what"])
def test_an_address_that_cannot_be_used_is_told(host: str) -> None:
    with pytest.raises(EngineError, match="engine-unreachable"):
        DockerEngine(Endpoint(host))


def test_nobody_sees_credentials_of_an_address() -> None:
    with pytest.raises(EngineError) as caught:
        DockerEngine(Endpoint("tcp://joe:secret@10.0.0.1:2375"))
    assert facts(caught.value.problem)["host"] == "tcp://10.0.0.1:2375"
    assert "secret" not in str(caught.value)
