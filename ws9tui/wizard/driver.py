"""Textual's driver, except that it does not block once the terminal has gone.

A thread writes to the terminal, from a queue of thirty. Once the terminal has gone, the thread has ended, and whoever
fills the queue would block forever, without handling signals.
"""

from __future__ import annotations

import queue

from textual.drivers.linux_driver import LinuxDriver

_LOOK = 0.2
"""seconds between two checks whether the thread is alive"""


class TerminalDriver(LinuxDriver):
    """A driver that discards output once the terminal has gone."""

    def write(self, data: str) -> None:
        """Queues output; blocks while the terminal is there and accepts none."""
        self._put(data)

    def close(self) -> None:
        """Ends the writer thread, if it has not ended by itself."""
        self._put(None)
        if self._writer_thread is not None:
            self._writer_thread.join()

    def _put(self, data: str | None) -> None:
        thread = self._writer_thread
        while thread is not None and thread.is_alive():
            try:
                thread._queue.put(data, timeout=_LOOK)  # noqa: SLF001 - no other way has an end
            except queue.Full:
                continue
            return
