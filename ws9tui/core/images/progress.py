"""Pull progress, folded from the engine's messages; figures never fall, whatever the engine sends.

The classic image store names each layer's phases (moby 20.10 to 28: `Downloading`, `Extracting`, …); with the
containerd store only some of them appear and totals come late. So nothing here relies on order or completeness.
"""

from __future__ import annotations

import msgspec

from ws9tui.core.model.observed import PullEvent

_DOWNLOAD_SHARE = 0.7
"""of a layer's work; the rest is its extraction, which takes less time than downloading over most links"""
_DONE = ("Pull complete", "Already exists")
_DOWNLOADED = ("Download complete", "Verifying Checksum", "Extracting", *_DONE)


class LayerProgress(msgspec.Struct):
    """The progress of one layer; sizes in bytes."""

    total: int = 0
    downloaded: int = 0
    extracted: int = 0
    status: str = ""

    @property
    def fraction(self) -> float:
        """The finished share of the layer's work, 0 to 1."""
        if self.status in _DONE:
            return 1.0
        if not self.total:
            return 0.0
        return (_DOWNLOAD_SHARE * self.downloaded + (1 - _DOWNLOAD_SHARE) * self.extracted) / self.total


class PullProgress:
    """The progress of one image's pull."""

    def __init__(self) -> None:
        self.layers: dict[str, LayerProgress] = {}
        self.done = 0
        """bytes downloaded"""
        self.total = 0
        """bytes in total, as far as known"""
        self.fraction = 0.0

    def add(self, event: PullEvent) -> None:
        """Updates the progress with one message of the engine."""
        if not event.layer or event.status.startswith("Pulling from"):
            return
        layer = self.layers.setdefault(event.layer, LayerProgress())
        layer.status = event.status
        layer.total = max(layer.total, event.total)
        if event.status == "Downloading":
            layer.downloaded = max(layer.downloaded, event.current)
        elif event.status in _DOWNLOADED:
            layer.downloaded = layer.total
        if event.status == "Extracting":
            # The containerd store counts seconds here, without a total.
            layer.extracted = max(layer.extracted, event.current if event.total else 0)
        elif event.status in _DONE:
            layer.extracted = layer.total
        self._sum()

    def _sum(self) -> None:
        layers = self.layers.values()
        self.done = max(self.done, sum(layer.downloaded for layer in layers))
        self.total = max(self.total, sum(layer.total for layer in layers))
        # A layer of unknown size counts as an average one, or the first known layer would be the whole.
        # A layer that exists already is no work, or a base layer that is named first would be the whole.
        wanted = [layer for layer in layers if layer.status != "Already exists"]
        known = [layer.total for layer in wanted if layer.total] or [1]
        average = sum(known) / len(known)
        weights = [(layer.total or average, layer.fraction) for layer in wanted]
        whole = sum(weight for weight, _ in weights)
        if whole:
            self.fraction = max(self.fraction, min(sum(weight * part for weight, part in weights) / whole, 1.0))

    @property
    def layers_done(self) -> int:
        """The number of layers that are complete."""
        return sum(layer.status in _DONE for layer in self.layers.values())

    @property
    def queued(self) -> bool:
        """Whether the pull waits for other pulls: the engine fetches few layers at a time across all images."""
        states = {layer.status for layer in self.layers.values()}
        return "Waiting" in states and "Downloading" not in states

    @property
    def phase(self) -> str:
        """The current phase: waiting, downloading, verifying or extracting."""
        states = {layer.status for layer in self.layers.values()}
        if "Downloading" in states:
            return "downloading"
        if "Verifying Checksum" in states:
            return "verifying"
        if "Extracting" in states or ("Download complete" in states and self.layers_done):
            return "extracting"
        return "downloading" if self.done else "waiting"


class Rate:
    """A transfer rate in bytes per second, smoothed over a few seconds; times are monotonic seconds."""

    _WINDOW = 4.0

    def __init__(self) -> None:
        self._samples: list[tuple[float, int]] = []

    def add(self, at: float, done: int) -> float:
        """Adds a sample and returns the rate over the window."""
        self._samples.append((at, done))
        while len(self._samples) > 2 and at - self._samples[0][0] > self._WINDOW:  # noqa: PLR2004 - a span needs two
            self._samples.pop(0)
        (first_at, first), (last_at, last) = self._samples[0], self._samples[-1]
        return (last - first) / (last_at - first_at) if last_at > first_at else 0.0
