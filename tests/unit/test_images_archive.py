"""Archives of images: what they have, what is wrong with them, and what of them is sent to an engine."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from support import archives, images
from support.told import facts
from ws9tui.core.blocking import StoppedError
from ws9tui.core.fs import tar_bounds
from ws9tui.core.images import archive
from ws9tui.core.images.archive import ArchivedImage, Archives
from ws9tui.core.images.archive_writer import ImageStream
from ws9tui.core.model.reference import parse
from ws9tui.errors import Refused, UsageError

TAG = "ws9tui.load/shop:3-0"
LAYOUTS = {
    "legacy": archives.legacy("r.test/web:1.0"),
    "linked": archives.legacy("r.test/web:1.0", linked=True),
    "oci": archives.oci("r.test/web:1.0"),
    "indexed": archives.oci("r.test/web:1.0", indexed=True),
}


def written(folder: Path, members: dict[str, bytes | str], name: str = "saved.tar") -> str:
    body = archives.packed(members)
    path = folder / name
    path.write_bytes(gzip.compress(body) if name.endswith("gz") else body)
    return str(path)


def read(path: str) -> list[ArchivedImage]:
    return archive.read(path, lambda: None)


def refused(path: str) -> tuple[str, str]:
    with pytest.raises(Refused) as error:
        read(path)
    assert error.value.problem.facts["path"] == path
    return error.value.problem.code, facts(error.value.problem).get("reason", "")


def sent(image: ArchivedImage) -> dict[str, bytes]:
    stream = ImageStream(image, TAG)
    body = b"".join(stream)
    assert stream.sent == stream.total == len(body)
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        return {entry.name: file.read() for entry in tar if (file := tar.extractfile(entry))}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["saved.tar", "saved.tar.gz"])
def test_what_an_archive_has_is_read_without_loading_it(tmp_path: Path, layout: str, name: str) -> None:
    [image] = read(written(tmp_path, LAYOUTS[layout], name))
    assert image.local.tags == ("r.test/web:1.0",)
    assert image.local.labels[images.VERSION_LABEL] == "1.0"
    assert image.local.platform == f"linux/{images.NATIVE}"
    assert image.ids[0] == archives.digest(image.config)
    assert len(image.ids) == {"oci": 2, "indexed": 3}.get(layout, 1)
    assert image.file == name
    assert image.size > 0


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["saved.tar", "saved.tar.gz"])
def test_what_is_sent_is_the_image_under_our_tag_alone(tmp_path: Path, layout: str, name: str) -> None:
    [image] = read(written(tmp_path, LAYOUTS[layout], name))
    members = sent(image)
    [entry] = json.loads(members["manifest.json"])
    assert entry["RepoTags"] == [TAG]
    assert b"r.test" not in b"".join(members.values())
    assert members[entry["Config"]] == image.config
    assert [archives.digest(members[found]) for found in entry["Layers"]] == [found.diff_id for found in image.layers]
    assert "repositories" not in members
    if layout in ("oci", "indexed"):
        [descriptor] = json.loads(members["index.json"])["manifests"]
        assert descriptor["annotations"]["io.containerd.image.name"] == TAG
        assert descriptor["digest"] == image.ids[-1]
        for digest in image.ids:  # an index stays the one that it was, and so does the image's ID
            assert archives.digest(members[f"blobs/{digest.replace(':', '/')}"]) == digest


def test_images_are_found_by_their_tags_and_ids(tmp_path: Path) -> None:
    one = read(written(tmp_path, archives.legacy("nginx:latest"), "one.tar"))
    same = read(written(tmp_path, archives.legacy("docker.io/library/nginx:latest"), "same.tar"))
    other = read(written(tmp_path, archives.legacy("nginx:latest", version="2"), "other.tar"))
    untagged = read(written(tmp_path, archives.legacy(version="3"), "untagged.tar"))
    found = Archives((*one, *same, *other, *untagged))
    assert found.named(parse("library/nginx")) == [*one, *other]
    assert found.named(parse("nginx:1")) == []
    assert found.named(parse("nginx@" + one[0].ids[0])) == []
    assert found.with_id(untagged[0].ids[0]) == untagged[0]
    assert found.with_id("sha256:0") is None


def test_files_and_folders_name_archives(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    for name in ("full/b.tar", "full/a.tar.gz", "full/notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    full = [str(tmp_path / "full/a.tar.gz"), str(tmp_path / "full/b.tar")]
    assert archive.find([str(tmp_path / "full"), full[1]]) == full
    assert archive.find([str(tmp_path / "full/notes.txt")]) == [str(tmp_path / "full/notes.txt")]
    for name, code in (("empty", "archive-folder-empty"), ("nowhere", "archive-missing")):
        with pytest.raises(UsageError) as error:
            archive.find([str(tmp_path / name)])
        assert error.value.problem.code == code


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["saved.tar", "saved.tar.gz"])
def test_an_archive_that_is_cut_is_refused_wherever_it_is(tmp_path: Path, layout: str, name: str) -> None:
    path = Path(written(tmp_path, LAYOUTS[layout], name))
    whole = path.read_bytes()
    end = len(whole) if name.endswith("gz") else len(archives.packed(LAYOUTS[layout]).rstrip(b"\0"))
    for length in {*range(1, end, max(1, end // 97)), end - 1}:
        path.write_bytes(whole[:length])
        code, _ = refused(str(path))
        assert code in ("archive-damaged", "archive-foreign")
        if length > 1600 and name == "saved.tar":
            assert code == "archive-damaged", length


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layer_or_a_configuration_that_is_not_what_it_says_is_refused(tmp_path: Path, layout: str) -> None:
    for name, body in LAYOUTS[layout].items():
        if isinstance(body, str) or name in ("a/VERSION", "repositories", "oci-layout"):
            continue
        flipped = (
            bytes([*body[:-1], body[-1] ^ 1])
            if name in ("manifest.json", "index.json")
            else body.replace(b"1.0", b"1.1").replace(b"second", b"thirds")
        )
        if flipped == body:
            continue
        path = written(tmp_path, {**LAYOUTS[layout], name: flipped})
        with pytest.raises(Refused) as error:
            sent(read(path)[0])
        assert error.value.problem.code == "archive-damaged", name


def test_a_compressed_layer_is_checked_with_its_compression_undone(tmp_path: Path) -> None:
    members = archives.legacy("web:1")
    raw = members["a/layer.tar"]
    assert isinstance(raw, bytes)
    members["a/layer.tar"] = gzip.compress(raw[:700]) + gzip.compress(raw[700:])
    [image] = read(written(tmp_path, members))
    name = f"0-{image.layers[0].size}-{archives.digest(raw)[7:]}/layer.tar"
    assert gzip.decompress(sent(image)[name]) == raw
    members["a/layer.tar"] = gzip.compress(raw[:-1] + b"x")
    with pytest.raises(Refused):
        sent(read(written(tmp_path, members))[0])


@pytest.mark.parametrize(
    "members",
    [
        {"../outside": b"x"},
        {"/etc/passwd": b"x"},
        {"a/layer.tar": "../../outside"},
        {"manifest.json": json.dumps([{"Config": "../c.json", "Layers": []}]).encode()},
    ],
)
def test_a_path_that_leaves_the_archive_is_refused(tmp_path: Path, members: dict[str, bytes | str]) -> None:
    assert refused(written(tmp_path, {**archives.legacy("web:1"), **members}))[0] == "archive-unsafe"


@pytest.mark.parametrize(
    "members",
    [
        {"manifest.json": b"{}"},
        {"manifest.json": b"[3]"},
        {"manifest.json": b"[{}]"},
        {"manifest.json": b"[" * 100_000},
        {"manifest.json": json.dumps([{"Config": "gone.json", "Layers": []}]).encode()},
        {"a/layer.tar": "layer.tar"},
    ],
)
def test_a_list_that_makes_no_sense_is_refused(tmp_path: Path, members: dict[str, bytes | str]) -> None:
    assert refused(written(tmp_path, {**archives.legacy("web:1"), **members}))[0].startswith("archive-")


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"\0" * 10240, gzip.compress(b"hello", mtime=0), archives.packed({"a": b"b"})]
)
def test_a_file_that_is_no_archive_of_images_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "notes.tar"
    path.write_bytes(body)
    assert refused(str(path))[0] == "archive-foreign"


def test_a_compression_that_this_python_lacks_is_named(tmp_path: Path) -> None:
    path = tmp_path / "saved.tar.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd" + bytes(100))
    assert refused(str(path))[0] in ("archive-compression", "archive-damaged", "archive-foreign")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert refused(str(tmp_path))[0] == "archive-unreadable"


def test_reading_and_sending_can_be_ended(tmp_path: Path) -> None:
    path = written(tmp_path, archives.legacy("web:1", content=bytes(3 << 20)))

    def stop() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        archive.read(path, stop)
    stream = ImageStream(read(path)[0], TAG)
    pieces = iter(stream)
    next(pieces)
    stream.stop()
    with pytest.raises(StoppedError):
        list(pieces)


def test_an_archive_that_changes_after_it_was_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, archives.legacy("web:1"))
    [image] = read(path)
    written(tmp_path, archives.legacy("web:1", content=b"other"))
    with pytest.raises(Refused):
        list(ImageStream(image, TAG))
    written(tmp_path, {"a/VERSION": b"1.0"})
    with pytest.raises(Refused):
        list(ImageStream(image, TAG))


# --- what is far more than it seems


def member(kind: bytes, size: int, name: str = "x", **pax: str) -> bytes:
    """Return the headers of a member that says that it is so long."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.size = kind, size
    entry.pax_headers = {key.replace("_", "."): value for key, value in pax.items()}
    return entry.tobuf(tarfile.PAX_FORMAT if pax else tarfile.GNU_FORMAT)


HOLES = {"GNU_sparse_major": "1", "GNU_sparse_minor": "0", "GNU_sparse_name": "x", "GNU_sparse_realsize": "32212254720"}


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (member(tarfile.XHDTYPE, 2 << 30), "a header of"),
        (member(tarfile.XGLTYPE, 2 << 30), "a header of"),
        (member(tarfile.GNUTYPE_LONGNAME, 2 << 30), "a header of"),
        (member(tarfile.GNUTYPE_SPARSE, 512), "a sparse file"),
        (member(tarfile.REGTYPE, 512, **HOLES), "a sparse file"),
        (member(tarfile.REGTYPE, 512, GNU_sparse_map="0,1", GNU_sparse_size="32212254720"), "a sparse file"),
        (member(tarfile.REGTYPE, 2 << 40), "unpack to more than"),
    ],
)
@pytest.mark.parametrize("name", ["saved.tar", "saved.tar.gz"])
def test_what_would_fill_the_memory_or_the_disk_is_refused(tmp_path: Path, head: bytes, reason: str, name: str) -> None:
    path = tmp_path / name
    body = head + bytes(1 << 20)
    path.write_bytes(gzip.compress(body) if name.endswith("gz") else body)
    code, said = refused(str(path))
    assert (code, reason in said) == ("archive-oversized", True), said


def test_headers_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "saved.tar"
    path.write_bytes(member(tarfile.XHDTYPE, 0) * 5000)
    assert refused(str(path))[0] == "archive-damaged"


def test_what_grows_without_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is the archive that is compressed, or a layer in it."""
    monkeypatch.setattr(tar_bounds, "_UNSUSPICIOUS", 1 << 20)
    members = archives.legacy("web:1")
    assert refused(written(tmp_path, {**members, "zeros": bytes(8 << 20)}, "saved.tar.gz"))[0] == "archive-oversized"
    [image] = read(written(tmp_path, {**members, "a/layer.tar": gzip.compress(bytes(8 << 20))}))
    with pytest.raises(Refused, match="archive-oversized"):
        list(ImageStream(image, TAG))
