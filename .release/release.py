#!/usr/bin/env python3
"""Builds a release: .release/release.py [FOLDER], default `dist`. Needs no secret.

Makes the wheel, the source distribution, and the program in one file with the Python, the C library and all other
libraries of the machine that it is built on, for that machine's architecture; beside it what is inside (a CycloneDX
bill of materials), the licences of all that, and SHA256SUMS.

Needs Linux with glibc 2.34 or later, and Python 3.11 or later with venv and pip. `ldd` finds the libraries;
`dpkg-query` says which packages they are of, and `strip` removes debugging symbols: without the last two less is
listed, or the file is larger. The same sources with the same packages give the same bytes: versions are those of
requirements.txt, times that of the last commit, or SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import platform
import py_compile
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path

import contents

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LIBRARY = f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
# Of the standard library: what serves development only, and what is linked with a windowing system or the GPL.
WITHOUT = {
    "__pycache__", "dist-packages", "distutils", "ensurepip", "idlelib", "lib-dynload", "lib2to3", "pydoc_data",
    "site-packages", "sitecustomize.py", "test", "tests", "tkinter", "turtledemo", "venv",
}  # fmt: skip
WITHOUT_EXTENSIONS = (
    "_ctypes_test", "_curses", "_dbm", "_gdbm", "_sqlite3", "_test", "_tkinter", "_xx", "nis", "ossaudiodev",
    "readline", "xx",
)  # fmt: skip
# What the first, small start imports to unpack the rest.
FIRST = "import zlib, tarfile, fcntl, shutil, time"


class CannotBuildError(Exception):
    """Something that the build needs is missing."""


def main(arguments: list[str]) -> int:
    """Build into the folder, and print what was built."""
    try:
        for made in build(Path(arguments[0] if arguments else "dist").absolute()):
            sys.stdout.write(f"{made.stat().st_size:>12,}  {made.name}\n")
    except (CannotBuildError, subprocess.CalledProcessError) as problem:
        sys.stderr.write(f"release: {problem}\n")
        return 1
    return 0


def build(output: Path) -> list[Path]:
    """Make all files of a release, and return them."""
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or last_commit())
    os.environ["SOURCE_DATE_EPOCH"] = str(epoch)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ws9tui-build-") as folder:
        work = Path(folder)
        tools = environment(work)
        built = distributions(tools, work, output)
        packages = installed(tools, work, built[0])
        program = Program(work / "program")
        program.interpreter()
        program.modules(Path(sysconfig.get_path("stdlib")), WITHOUT)
        program.modules(packages, {"__pycache__", "bin"})
        program.own()
        program.libraries()
        first = program.first()
        program.zip_modules()
        version = built[0].name.split("-")[1]
        label = f"ws9tui-{version}-{platform.system().lower()}-{platform.machine()}"
        inside = contents.of(packages, program.taken)
        bill, licences = output / f"{label}.cdx.json", output / f"{label}-licences.txt"
        bill.write_text(contents.bill(version, inside, epoch))
        licences.write_text(contents.licences(inside))
        shutil.copy(licences, program.folder / "LICENCES.txt")
        one = output / label
        one.write_bytes(program.one_file(version, epoch, first))
        one.chmod(0o755)
    made = [one, bill, licences, *built]
    sums = output / "SHA256SUMS"
    sums.write_text("".join(f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in made))
    return [*made, sums]


def last_commit() -> str:
    """Return when the sources were last changed, in seconds since 1970."""
    return run("git", "-C", str(ROOT), "log", "-1", "--format=%ct").strip()


def environment(work: Path) -> str:
    """Make an environment with the tools of the build; return its Python."""
    run(sys.executable, "-m", "venv", str(work / "tools"))
    python = str(work / "tools/bin/python")
    run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(HERE / "tools.txt"))
    return python


def distributions(python: str, work: Path, output: Path) -> list[Path]:
    """Build wheel and source distribution, from a copy: the sources' folder stays as it is."""
    sources = work / "sources"
    sources.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    shutil.copytree(ROOT / "ws9tui", sources / "ws9tui", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (sources, *sources.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (int(os.environ["SOURCE_DATE_EPOCH"]),) * 2)
    run(python, "-P", "-m", "build", "--no-isolation", "--outdir", str(work / "built"), str(sources))
    (wheel,), (archive,) = (work / "built").glob("*.whl"), (work / "built").glob("*.tar.gz")
    (output / archive.name).write_bytes(steady(archive))
    return [output / shutil.copy(wheel, output), output / archive.name]


def steady(archive: Path) -> bytes:
    """Return a source distribution with names in order, owned by nobody, of one time; by itself it has the present."""
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    memory = io.BytesIO()
    with (
        tarfile.open(archive) as built,
        gzip.GzipFile(fileobj=memory, mode="wb", filename="", mtime=epoch) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as written,
    ):
        for entry in sorted(built.getmembers(), key=lambda entry: entry.name):
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            entry.mtime = epoch
            entry.pax_headers = {}
            written.addfile(entry, built.extractfile(entry) if entry.isfile() else None)
    return memory.getvalue()


def installed(python: str, work: Path, wheel: Path) -> Path:
    """Install the wheel and the pinned versions of what it depends on into a folder, and return that."""
    target = work / "packages"
    install = (python, "-m", "pip", "install", "--quiet", "--no-compile", "--no-deps", "--target", str(target))
    run(*install, "--require-hashes", "--only-binary=:all:", "--requirement", str(HERE / "requirements.txt"))
    run(*install, str(wheel))
    return target


class Program:
    """The folder that is unpacked on a server: bin, lib with all shared libraries, and the modules in LIBRARY."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = Path(f"bin/python{sys.version_info.major}.{sys.version_info.minor}")
        self.loader = Path()
        self.taken: list[Path] = []
        """the files of this machine that are inside"""

    def interpreter(self) -> None:
        """Take the interpreter that runs this script, and the loader that it asks for."""
        (self.folder / "bin").mkdir(parents=True)
        binary = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]  # noqa: SLF001 - documented nowhere
        self._take(binary, self.python)
        loader = Path(next(word for word in run("ldd", str(binary)).split() if Path(word).name.startswith("ld-")))
        self.loader = Path("lib") / loader.name
        self._take(loader.resolve(), self.loader)
        if "--argv0" not in run(str(loader), "--help"):
            raise CannotBuildError(f"{loader} is of a C library before 2.33")

    def modules(self, source: Path, without: set[str]) -> None:
        """Compile all modules below a folder, and copy all other files."""
        target = self.folder / LIBRARY
        extensions = source / "lib-dynload"
        for path in [*sorted(source.rglob("*")), *sorted(extensions.glob("*.so"))]:
            inner = path.relative_to(source)
            if not path.is_file():
                continue
            if inner.parts[0] == "lib-dynload":
                if not path.name.startswith(WITHOUT_EXTENSIONS):
                    self._take(path, target / inner)
                continue
            if without & set(inner.parts) or inner.parts[0].startswith("config-"):
                continue
            if path.suffix == ".py":
                self._compile(path, target / inner.with_suffix(".pyc"), str(inner))
            elif path.suffix == ".so":
                self._take(path, target / inner)
            elif path.name not in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
                (target / inner).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target / inner)

    def own(self) -> None:
        """Add what starts the interpreter from wherever the folder is, and what holds the folder while it runs."""
        start = (HERE / "python.sh").read_text()
        wrapper = self.folder / "bin/python"
        wrapper.write_text(start.replace("@LOADER@", str(self.loader)).replace("@PYTHON@", str(self.python)))
        wrapper.chmod(0o755)
        self._compile(HERE / "sitecustomize.py", self.folder / LIBRARY / "sitecustomize.pyc", "sitecustomize.py")
        (self.folder / "in-use").touch()

    def libraries(self) -> None:
        """Take each shared library that anything inside is linked with."""
        for path in list(self.taken):
            for line in run("ldd", str(path)).splitlines():
                name, arrow, found = line.strip().partition(" => ")
                target = self.folder / "lib" / name
                if arrow and not target.exists():
                    self._take(Path(found.split(" (")[0]).resolve(), target)

    def zip_modules(self) -> None:
        """Put what is nothing but modules into one archive, as it is written faster than two thousand files."""
        library = self.folder / LIBRARY
        with zipfile.ZipFile(self.folder / "lib/modules.zip", "w") as archive:
            for top in sorted(library.iterdir()):
                paths = sorted(path for path in top.rglob("*") if path.is_file()) if top.is_dir() else [top]
                if any(path.suffix != ".pyc" and path.name != "py.typed" for path in paths):
                    continue
                for path in paths:
                    archive.writestr(zipfile.ZipInfo(str(path.relative_to(library))), path.read_bytes())
                if top.is_dir():
                    shutil.rmtree(top)
                elif top.name != "os.pyc":  # by which the interpreter finds its library
                    top.unlink()

    def one_file(self, version: str, epoch: int, first: list[tuple[str, bytes]]) -> bytes:
        """Pack the folder behind the script that unpacks it."""
        packed = self._packed({name for name, _ in first}, epoch)
        parts = [(name, data or (self.folder / name).read_bytes()) for name, data in first]
        body = b"".join([*(data for _, data in parts), packed])
        identity = hashlib.sha256(body).hexdigest()[:16]
        values = {
            "VERSION": version,
            "SYSTEM": platform.system(),
            "MACHINE": platform.machine(),
            "LIBRARY": Path(LIBRARY).name,
            "LOADER": str(self.loader),
            "PYTHON": str(self.python),
            "NAME": f"{version}-{identity}",
            "ROOM": str(sum(each.stat().st_size for each in self.folder.rglob("*") if each.is_file()) * 5 // 4_000_000),
            "PARTS": "\n".join(f"{len(data)} {name}" for name, data in parts),
            "UNPACK": (HERE / "unpack.py").read_text().strip(),
            "BOOT": "import os, sys; sys.frozen = True; sys.argv = [os.path.abspath(sys.argv[1]), *sys.argv[2:]]; "
            "from ws9tui.__main__ import main; sys.exit(main())",
        }
        if "'" in values["UNPACK"] + values["BOOT"]:
            raise CannotBuildError("start.sh has its Python code between single quotes")
        script = (HERE / "start.sh").read_text()
        for name, value in values.items():
            script = script.replace(f"@{name}@", value)
        # The offset stands in the script that it counts: as many characters wherever it falls.
        size = len(script.replace("@START@", " " * 8).replace("@SIZE@", " " * 12).encode())
        script = script.replace("@START@", f"{size:8}").replace("@SIZE@", f"{size + len(body):12}")
        return script.encode() + body

    def first(self) -> list[tuple[str, bytes]]:
        """What is unpacked by the shell: an interpreter with just the modules that unpack the rest."""
        code = (
            f"import sys; {FIRST}; print(*(m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)))"
        )
        out = run(str(self.folder / "bin/python"), "-I", "-S", "-c", code)
        files = [Path(word) for word in out.split()]
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w") as archive:
            for path in sorted(files):
                if path.suffix == ".pyc":
                    inner = str(path.relative_to(self.folder / LIBRARY))
                    archive.writestr(zipfile.ZipInfo(inner), path.read_bytes())
        extensions = [path for path in files if path.suffix == ".so"]
        linked = [self.folder / self.python, *extensions]
        names = {line.split(" => ")[0].strip() for each in linked for line in run("ldd", str(each)).splitlines()}
        libraries = [self.folder / "lib" / name for name in names if (self.folder / "lib" / name).is_file()]
        chosen = sorted({self.folder / self.loader, *linked, *libraries})
        boot = f"lib/python{sys.version_info.major}{sys.version_info.minor}.zip"
        return [*((str(each.relative_to(self.folder)), b"") for each in chosen), (boot, memory.getvalue())]

    def _packed(self, without: set[str], epoch: int) -> bytes:
        """Everything else as an archive: names in order, owned by nobody, of one time."""
        memory = io.BytesIO()
        with (
            gzip.GzipFile(fileobj=memory, mode="wb", filename="", mtime=epoch) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive,
        ):
            for path in sorted(self.folder.rglob("*")):
                name = str(path.relative_to(self.folder))
                if name in without:
                    continue
                entry = archive.gettarinfo(path, name)
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                entry.mtime = epoch
                entry.mode = 0o700 if path.is_dir() or path.parent.name == "bin" else 0o600
                if path.is_dir():
                    archive.addfile(entry)
                else:
                    with path.open("rb") as data:
                        archive.addfile(entry, data)
        return memory.getvalue()

    def _take(self, source: Path, inner: Path) -> None:
        """Copy a program or a library of this machine, without its debugging symbols."""
        target = self.folder / inner
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
        target.chmod(0o755)
        if shutil.which("strip"):
            run("strip", "--strip-debug", str(target))
        self.taken.append(source)

    @staticmethod
    def _compile(source: Path, target: Path, name: str) -> None:
        """Compile a module; its file is known by its name inside, and its bytes depend on nothing else."""
        target.parent.mkdir(parents=True, exist_ok=True)
        unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(source), str(target), dfile=name, doraise=True, invalidation_mode=unchecked)


def run(*command: str) -> str:
    """Run a command; return what it printed."""
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise CannotBuildError(f"{' '.join(command[:4])}…\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
