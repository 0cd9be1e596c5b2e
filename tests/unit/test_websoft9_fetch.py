"""Getting a release from a folder, a zip and the web; and zips that must not be unpacked."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from releases import flat, legacy, manifest
from support.servers import LoopbackServer, QuietHandler, served
from support.tricklers import ENDLESS, trickling
from ws9tui.errors import Refused, UsageError
from ws9tui.websoft9 import channels, release, unzip
from ws9tui.websoft9.download import Downloads, Limits, shown
from ws9tui.websoft9.fetch import fetch


def zipped(folder: Path, archive: Path) -> Path:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))
    return archive


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return zipped(legacy(tmp_path / "made"), tmp_path / "websoft9-2.2.9.zip")


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.problem.code


# --- from this machine


def test_a_folder_is_taken_where_it_is(tmp_path: Path) -> None:
    made = legacy(tmp_path / "made")
    assert fetch(str(made), tmp_path / "to").folder == made
    assert not (tmp_path / "to").exists()


def test_a_zip_is_unpacked_into_a_private_folder(tmp_path: Path, bundle: Path) -> None:
    got = fetch(str(bundle), tmp_path / "to")
    assert not got.checked
    found = release.load(got.folder)
    assert found is not None
    assert found.version == "2.2.9"
    assert stat.S_IMODE((tmp_path / "to").stat().st_mode) == 0o700


def test_a_checksum_beside_a_zip_counts(tmp_path: Path, bundle: Path) -> None:
    beside = bundle.with_name(f"{bundle.name}.sha256")
    beside.write_text(f"{sha256(bundle)}  {bundle.name}\n")
    assert fetch(str(bundle), tmp_path / "one").checked
    beside.write_text("0" * 64)
    assert refused(lambda: fetch(str(bundle), tmp_path / "two")) == "release-checksum-wrong"
    assert not (tmp_path / "two").exists()
    beside.unlink()
    bundle.with_name("SHA256SUMS").write_text(f"{'0' * 64}  other\n{sha256(bundle).upper()} *{bundle.name}\n")
    assert fetch(str(bundle), tmp_path / "three").checked
    assert refused(lambda: fetch(str(bundle), tmp_path / "four", sha256="1" * 64)) == "release-checksum-wrong"


def test_what_is_no_source(tmp_path: Path) -> None:
    for source in (str(tmp_path / "none"), "ftp://u:secret@host/x.zip", "http://[::1/x.zip", "http:///x.zip"):
        with pytest.raises(UsageError, match="release-source-unknown") as caught:
            fetch(source, tmp_path / "to")
        assert "secret" not in str(caught.value)
    with pytest.raises(UsageError, match="sha256-invalid"):
        fetch("x", tmp_path / "to", sha256="abc")
    assert not (tmp_path / "to").exists()


# --- from the web


Answer = bytes | tuple[int, dict[str, str], bytes]


class Site:
    """A web server whose paths a test sets."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        site = self

        class Handler(QuietHandler):
            def answer(self) -> None:
                site.asked.append(self.path)
                answer = site.answers.get(self.path, (404, {}, b"none"))
                status, headers, body = (200, {}, answer) if isinstance(answer, bytes) else answer
                self.reply(status, body, headers)

        self.server = LoopbackServer(Handler)
        self.url = f"{self.server.url}/"


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    opened = Site()
    with served(opened.server):
        yield opened


def test_a_zip_from_the_web_with_its_checksum(tmp_path: Path, bundle: Path, site: Site) -> None:
    site.answers |= {"/r/w.zip": bundle.read_bytes(), "/r/w.zip.sha256": sha256(bundle).encode()}
    got = fetch(f"{site.url}r/w.zip", tmp_path / "to")
    assert got.checked
    assert release.load(got.folder) is not None
    assert sorted(path.name for path in got.folder.iterdir()) == ["docker", "install", "version.json"]
    site.answers["/r/w.zip.sha256"] = b"0" * 64
    assert refused(lambda: fetch(f"{site.url}r/w.zip", tmp_path / "x")) == "release-checksum-wrong"
    assert not (tmp_path / "x").exists()


def test_without_a_checksum_nothing_is_fetched(tmp_path: Path, bundle: Path, site: Site) -> None:
    site.answers |= {"/w.zip": bundle.read_bytes(), "/w.zip.sha256": b"<html>not found</html>"}
    assert refused(lambda: fetch(f"{site.url}w.zip", tmp_path / "to")) == "release-no-checksum"
    assert "/w.zip" not in site.asked
    assert fetch(f"{site.url}w.zip", tmp_path / "to", sha256=sha256(bundle)).checked


def test_a_flat_release_from_the_web(tmp_path: Path, site: Site) -> None:
    made = flat(tmp_path / "made")
    site.answers |= {f"/release/{path.name}": path.read_bytes() for path in made.iterdir()}
    got = fetch(f"{site.url}release/", tmp_path / "to")
    found = release.load(got.folder)
    assert found is not None
    assert found.verified
    assert fetch(f"{site.url}release/manifest.json", tmp_path / "two").checked
    site.answers["/release/install.sh"] = b"rm -rf /"
    assert refused(lambda: fetch(f"{site.url}release/", tmp_path / "x")) == "release-checksum-wrong"
    del site.answers["/release/install.sh"]
    assert refused(lambda: fetch(f"{site.url}release/", tmp_path / "x")) == "download-missing"
    del site.answers["/release/SHA256SUMS"]
    assert refused(lambda: fetch(f"{site.url}release/", tmp_path / "x")) == "release-no-checksum"
    assert not (tmp_path / "x").exists()


def test_a_flat_release_takes_no_checksum_of_one_file(tmp_path: Path, site: Site) -> None:
    for url in (f"{site.url}release/", f"{site.url}release/manifest.json"):
        with pytest.raises(UsageError, match="release-checksum-of-many"):
            fetch(url, tmp_path / "to", sha256="0" * 64)
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize("name", [".", "x" * 300])
def test_a_name_that_the_disk_does_not_take_is_told(tmp_path: Path, site: Site, name: str) -> None:
    site.answers["/release/SHA256SUMS"] = f"{'0' * 64}  {name}\n".encode()
    assert refused(lambda: fetch(f"{site.url}release/", tmp_path / "to")) == "file-unwritable"
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((200, {"Content-Length": "1000"}, b"x"), "download-cut"),
        ((500, {}, b""), "download-status"),
        ((404, {}, b""), "download-missing"),
        ((302, {"Location": "/w.zip"}, b""), "download-redirects"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "download-redirect-unsafe"),
        ((200, {"Content-Length": str(1 << 40)}, b""), "release-too-large"),
        ((200, {}, b"x" * 2000), "release-too-large"),
        ((200, {}, b"x"), "release-checksum-wrong"),
    ],
)
def test_downloads_that_fail(tmp_path: Path, site: Site, answer: Answer, code: str) -> None:
    site.answers["/w.zip"] = answer
    url = site.url.replace("//", "//user:secret@") + "w.zip?token=secret"
    site.answers["/w.zip?token=secret"] = answer
    limits = Limits(stall=5.0, size=1500)
    with pytest.raises(Refused) as caught:
        fetch(url, tmp_path / "to", sha256="0" * 64, limits=limits)
    assert caught.value.problem.code.startswith(code)
    assert "secret" not in str(caught.value)
    assert not (tmp_path / "to").exists()


@pytest.mark.usefixtures("site")
def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    gone = Site()
    gone.server.server_close()
    url = gone.url
    with pytest.raises(Refused) as caught:
        fetch(f"{url}w.zip", tmp_path / "to", sha256="0" * 64)
    assert caught.value.problem.code == "download-failed"
    assert caught.value.problem.facts["reason"].endswith("Connection refused")


def test_a_trickle_meets_the_deadline(tmp_path: Path, site: Site) -> None:
    site.answers["/w.zip"] = b"x" * 100
    assert (
        refused(lambda: fetch(f"{site.url}w.zip", tmp_path / "to", sha256="0" * 64, limits=Limits(total=0.0)))
        == "download-too-slow"
    )


def test_an_exception_of_the_check_stops_it(tmp_path: Path, site: Site) -> None:
    site.answers["/w.zip"] = b"x" * 100

    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        fetch(f"{site.url}w.zip", tmp_path / "to", sha256="0" * 64, check=stop)
    assert not (tmp_path / "to").exists()


class Redirecting(requests.adapters.BaseAdapter):
    """Stands for a server with TLS that leads to one without."""

    def send(self, request: requests.PreparedRequest, *_args: object, **_options: object) -> requests.Response:
        response = requests.Response()
        response.status_code = 302
        response.headers["location"] = "http://plain.example/w.zip"
        response.url = request.url or ""
        response.request = request
        response.raw = io.BytesIO()
        return response

    def close(self) -> None:
        pass


def test_no_redirect_leads_from_https_to_http() -> None:
    with Downloads(Limits()) as web:
        web.session.mount("https://", Redirecting())
        assert refused(lambda: web.get("https://safe.example/w.zip", io.BytesIO())) == "download-redirect-unsafe"


@pytest.mark.parametrize("kind", ENDLESS)
def test_what_never_ends_meets_the_deadline(tmp_path: Path, kind: str) -> None:
    """It counts from the first byte that is sent, and for all files together."""
    with trickling(*ENDLESS[kind]) as server:
        limits = Limits(total=1.0)
        assert refused(lambda: fetch(f"{server.url}w.zip", tmp_path / "to", limits=limits)) == "download-too-slow"
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://u:p@h:8/a?t=1#x", "https://h:8/a"),
        ("https://u:p@h:port/a?t=1", "h:port/a"),
        ("http://h/a", "http://h/a"),
        ("https://joe:pw@[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/a"),
    ],
)
def test_urls_are_shown_without_secrets(url: str, safe: str) -> None:
    assert shown(url) == safe


def test_offers_are_the_newest_first_without_candidates(site: Site) -> None:
    def answer(modern: str, old: str) -> None:
        site.answers |= {
            "/websoft9/release/manifest.json": json.dumps(manifest(modern)).encode(),
            "/release/websoft9/version.json": json.dumps({"version": old}).encode(),
        }

    answer("2.3.4", "2.2.10")
    found = channels.offers("release", site=site.url)
    assert [offer.version for offer in found] == ["2.3.4", "2.2.10"]
    assert found[0].url == f"{site.url}websoft9/release/"
    assert found[1].url == f"{site.url}release/websoft9/websoft9-2.2.10.zip"
    assert channels.url_of("", "release", site=site.url) == found[0].url
    for layout, offer in (("modern", found[0]), ("legacy", found[1])):  # no release leads from one to the other
        assert channels.url_of("", "release", site=site.url, layout=layout) == offer.url
    assert channels.url_of("2.3.4", "release", site=site.url, layout="legacy") == found[0].url  # asked for by name
    with pytest.raises(Refused, match="release-none-offered"):
        channels.url_of("", "release", site=site.url, layout="mixed")
    answer("2.3.5-rc.1", "2.2.10")
    assert [offer.version for offer in channels.offers("release", site=site.url)] == ["2.2.10"]
    site.answers["/websoft9/dev/version.json"] = b"<html>"
    assert channels.offers("dev", site=site.url) == ()


def test_a_place_that_fails_is_not_in_the_way_of_the_other(site: Site) -> None:
    failing: Answer = (503, {}, b"")
    new, old = "/websoft9/release/manifest.json", "/release/websoft9/version.json"
    site.answers |= {new: failing, old: json.dumps({"version": "2.2.10"}).encode()}
    assert [offer.version for offer in channels.offers("release", site=site.url)] == ["2.2.10"]
    for number, layout in (("", "legacy"), ("2.2.10", "")):
        url = channels.url_of(number, "release", site=site.url, layout=layout)
        assert url == f"{site.url}release/websoft9/websoft9-2.2.10.zip"
    for number, layout in (("", "modern"), ("2.3.4", ""), ("", "")):  # there may be a newer one
        with pytest.raises(Refused, match="download-status"):
            channels.url_of(number, "release", site=site.url, layout=layout)
    site.answers |= {new: json.dumps(manifest("2.3.4")).encode(), old: failing}
    assert channels.url_of("", "release", site=site.url) == f"{site.url}websoft9/release/"
    site.answers[new] = failing
    assert refused(lambda: channels.offers("release", site=site.url)) == "download-status"


# --- zips


def archive(tmp_path: Path, *entries: tuple[zipfile.ZipInfo | str, bytes], packed: int = zipfile.ZIP_DEFLATED) -> Path:
    path = tmp_path / "x.zip"
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(path, "w", packed) as file:
        for name, content in entries:
            file.writestr(name, content)
    return path


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    ("name", "mode", "code"),
    [
        ("../x", 0, "archive-path-outside"),
        ("a/../../x", 0, "archive-path-outside"),
        ("/etc/x", 0, "archive-path-outside"),
        ("a\\..\\x", 0, "archive-path-outside"),
        ("C:/x", 0, "archive-path-outside"),
        ("a\x1b[31m", 0, "archive-path-outside"),
        ("x" * 2000, 0, "archive-path-outside"),
        ("link", stat.S_IFLNK | 0o777, "archive-not-a-file"),
        ("device", stat.S_IFBLK | 0o666, "archive-not-a-file"),
        ("pipe", stat.S_IFIFO | 0o666, "archive-not-a-file"),
        ("folder", stat.S_IFDIR | 0o755, "archive-not-a-file"),
    ],
)
def test_entries_that_are_refused(tmp_path: Path, name: str, mode: int, code: str) -> None:
    path = archive(tmp_path, ("good", b"1"), (entry(name, mode), b"/etc/passwd"))
    assert refused(lambda: fetch(str(path), tmp_path / "deep/to")) == code
    assert not (tmp_path / "deep/to").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "x.zip"]


def test_two_entries_for_one_file(tmp_path: Path) -> None:
    for names in (("a", "a"), ("a", "./a"), ("a", "a/b"), ("a/b", "a")):
        path = archive(tmp_path, *((name, b"1") for name in names))
        assert refused(lambda path=path: fetch(str(path), tmp_path / "to")) == "archive-duplicate"  # type: ignore[misc]


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path, ("zero", bytes(20 << 20)))
    assert refused(lambda: fetch(str(path), tmp_path / "to")) == "archive-bomb"
    path = archive(tmp_path, *((f"{number}", b"") for number in range(30)))
    monkeypatch.setattr(unzip, "MOST_ENTRIES", 20)
    assert refused(lambda: fetch(str(path), tmp_path / "to")) == "archive-bomb"
    monkeypatch.setattr(unzip, "MOST_BYTES", 1000)
    path = archive(tmp_path, ("a", os.urandom(1001)))
    assert refused(lambda: fetch(str(path), tmp_path / "to")) == "archive-bomb"


def test_methods_and_encryption(tmp_path: Path) -> None:
    path = archive(tmp_path, ("a", b"1"), packed=zipfile.ZIP_LZMA)
    assert refused(lambda: fetch(str(path), tmp_path / "to")) == "release-damaged"
    path = archive(tmp_path, ("a", b"1" * 10))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    content[content.index(b"PK\x03\x04") + 6] |= 1
    path.write_bytes(content)
    assert refused(lambda: fetch(str(path), tmp_path / "to")) == "archive-encrypted"


def test_modes_are_tamed(tmp_path: Path) -> None:
    path = archive(tmp_path, (entry("run", stat.S_IFREG | 0o4777), b"1"), (entry("no", stat.S_IFREG), b"1"))
    to = fetch(str(path), tmp_path / "to").folder
    assert [stat.S_IMODE((to / name).stat().st_mode) for name in ("run", "no")] == [0o755, 0o600]


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_zip_that_is_cut_or_flipped_is_refused_or_is_what_it_was(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    path = archive(folder, ("a/b", b"content " * 20), ("c", os.urandom(300)))
    with zipfile.ZipFile(path) as opened:
        whole = {name: opened.read(name) for name in opened.namelist()}
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[at:]
    else:
        content[at] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    try:
        to = fetch(str(path), folder / "to").folder
    except Refused:
        assert [entry.name for entry in folder.iterdir()] == ["x.zip"]
        return
    found = sorted(entry.read_bytes() for entry in to.rglob("*") if entry.is_file())
    assert found == sorted(whole.values())
