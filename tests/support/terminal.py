"""A real terminal: a program in a pty, and what a person would see of it."""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pyte

from .wait import until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "space": " ",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
}
# one whole escape sequence: CSI; OSC; DCS, APC, PM, SOS; two or three characters
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[P_^X][^\x1b]*\x1b\\|[ -/]*[0-OQ-WYZ\\`-~])", re.DOTALL
)
# the CSI that pyte would take for another or print: private ones but modes, and those with intermediates
_FOREIGN = re.compile(r"\x1b\[(?:[<=>][0-?]*[ -/]*[@-~]|\?[0-?]*(?:[ -/]+[@-~]|[@-gi-km-~])|[0-;]*[ -/]+[@-~])")
_ALTERNATE = re.compile(r"\x1b\[\?(?:1049|1047|47)([hl])")


class Terminal:
    """Runs a program on a terminal of its own; read all the time, so that the program never waits for us."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        cols: int = 80,
        rows: int = 24,
        term: str = "xterm-256color",
        *,
        cwd: Path | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._screens = (pyte.Screen(cols, rows), pyte.Screen(cols, rows))
        self._streams = tuple(pyte.Stream(screen) for screen in self._screens)
        self._current = 0
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._held = ""
        self._raw = bytearray()
        self._ended = False
        self._fd, theirs = os.openpty()
        try:
            self._set_size(theirs, cols, rows)
            base = {name: value for name, value in (env or os.environ).items() if name not in {"COLUMNS", "LINES"}}
            self._process = subprocess.Popen(
                ["setsid", "--ctty", *argv],
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                env=base | {"TERM": term, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
                cwd=cwd,
            )
        except BaseException:
            os.close(self._fd)
            raise
        finally:
            os.close(theirs)
        self._wake, self._waker = os.pipe()
        self._reader = threading.Thread(target=self._read, name="terminal")
        self._reader.start()
        until(lambda: self._process.poll() is not None or self._has_terminal(), 10, "the program has its terminal")

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    @property
    def raw(self) -> bytes:
        """Every byte that the program has written."""
        with self._lock:
            return bytes(self._raw)

    def screen(self) -> str:
        """Return what is on the screen, lines without trailing blanks."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screens[self._current].display)

    def cells(self) -> list[list[pyte.screens.Char]]:
        """Return the screen's cells with their colours, row by row."""
        with self._lock:
            shown = self._screens[self._current]
            return [[shown.buffer[y][x] for x in range(shown.columns)] for y in range(shown.lines)]

    def wait_for(self, text: str | re.Pattern[str], timeout: float = 30) -> str:
        """Wait until a text, or a match of a pattern, is on the screen; returns the screen."""
        return self._until(text, timeout, wanted=True)

    def wait_gone(self, text: str | re.Pattern[str], timeout: float = 30) -> str:
        """Wait until a text is no longer on the screen; returns the screen."""
        return self._until(text, timeout, wanted=False)

    def send(self, *keys: str) -> None:
        """Press keys by their names (enter, up, ctrl+c, f1, …); what is no name is typed."""
        for key in keys:
            if key.startswith("ctrl+") and len(key) == len("ctrl+x"):
                self.write(chr(ord(key[-1]) & 31))
            else:
                self.write(KEYS.get(key, key))

    def write(self, text: str) -> None:
        """Type a text as it is."""
        os.write(self._fd, text.encode())

    def resize(self, cols: int, rows: int) -> None:
        """Change the window's size."""
        with self._lock:
            for screen in self._screens:
                screen.resize(rows, cols)
        self._set_size(self._fd, cols, rows)

    def signal(self, number: int) -> None:
        """Send a signal to the program alone."""
        self._process.send_signal(number)

    def hangup(self) -> None:
        """Close the terminal, as a lost connection does."""
        if self._fd >= 0:
            os.write(self._waker, b"x")
            self._reader.join()
            for fd in (self._fd, self._wake, self._waker):
                os.close(fd)
            self._fd = -1

    def wait_exit(self, timeout: float = 30) -> int:
        """Wait until the program ends, and all that it wrote is read; returns its exit status."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the program has not ended after {timeout:g} s:\n{self.screen().rstrip()}") from None
        if self._fd >= 0:
            until(lambda: self._ended or not self._readable(), 10, "the program's last words are read")
        return status

    def close(self) -> None:
        """Close the terminal and end the program."""
        self.hangup()
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                self._process.wait(1.5)
            except subprocess.TimeoutExpired:
                self._process.send_signal(number)
        self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _has_terminal(self) -> bool:
        """Tell whether the terminal controls the program, so that it gets hangups and ctrl+c."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(errors="replace")
        return stat.rpartition(")")[2].split()[4] != "0"

    def _until(self, text: str | re.Pattern[str], timeout: float, *, wanted: bool) -> str:
        def holds() -> str:
            ended = self._ended
            shown = self.screen()
            found = text in shown if isinstance(text, str) else text.search(shown) is not None
            if found is wanted:
                return shown or " "
            if ended:
                raise AssertionError(f"the program ended, and {what}:\n{shown.rstrip()}")
            return ""

        what = f"{text!r} is {'not' if wanted else 'still'} on the screen"
        return until(holds, timeout, lambda: f"{what}:\n{self.screen().rstrip()}\n")

    def _read(self) -> None:
        while True:
            ready, _, _ = select.select([self._fd, self._wake], [], [])
            if self._wake in ready:
                return
            try:
                data = os.read(self._fd, 65536)
            except OSError:  # the last process on the terminal has gone
                data = b""
            with self._lock:
                if not data:
                    self._ended = True
                    return
                self._raw += data
                self._feed(self._decode(data))

    def _readable(self) -> bool:
        return bool(select.select([self._fd], [], [], 0)[0])

    def _feed(self, text: str) -> None:
        """Give the screen whole sequences only, and none that it does not know."""
        text = self._held + text
        done, shown = 0, []
        for match in re.finditer("\x1b", text):
            if match.start() < done:
                continue
            whole = _SEQUENCE.match(text, match.start())
            if not whole:
                break
            shown.append(text[done : match.start()])
            done = whole.end()
            if switch := _ALTERNATE.fullmatch(whole[0]):
                self._show("".join(shown))
                shown = []
                self._current = int(switch[1] == "h")
                self._screens[1].reset()
            elif whole[0][1] not in "]P_^X" and not _FOREIGN.fullmatch(whole[0]):
                shown.append(whole[0])
        escape = text.find("\x1b", done)
        end = len(text) if escape < 0 else escape
        self._held = text[end:]
        self._show("".join(shown) + text[done:end])

    def _show(self, text: str) -> None:
        if text:
            self._streams[self._current].feed(text)

    @staticmethod
    def _set_size(fd: int, cols: int, rows: int) -> None:
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))
