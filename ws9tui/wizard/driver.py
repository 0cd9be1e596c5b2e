"""Textual's driver, which does not wait for a terminal that has gone.

A thread writes to the terminal, from a queue of thirty; once the terminal has gone the thread has ended, and whoever
fills the queue would wait for ever, signals and all.
"""

from __future__ import annotations

import queue

from textual.drivers.linux_driver import LinuxDriver

_LOOK = 0.2
"""seconds between two looks whether the thread is still there"""


class TerminalDriver(LinuxDriver):
    """Writes as long as there is a terminal; what is written afterwards goes nowhere."""

    def write(self, data: str) -> None:
        """Queues what is to be written; waits while a terminal that is there takes nothing."""
        self._put(data)

    def close(self) -> None:
        """Ends the thread, where it has not ended by itself."""
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
