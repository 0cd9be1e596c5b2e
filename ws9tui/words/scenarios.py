"""The summaries of the demo's scenarios."""

from __future__ import annotations

from ws9tui.words.template import Message

SUMMARIES = {
    "update": Message("a good update: two tags moved, one registry does not answer"),
    "pull-fails": Message("a pull is interrupted; the retry exceeds the rate limit"),
    "version-mismatch": Message("the image pulled for tag 2.3 reports version 2.2.9"),
    "never-healthy": Message("the new web never becomes healthy; the update is rolled back"),
    "crash-loop": Message("the new api is in a crash loop; the update is rolled back"),
    "stalled-pull": Message("a pull stalls; it is cancelled and retried"),
    "port-taken": Message("another program takes web's port; the update is rolled back"),
    "interrupted": Message("the update is killed half-way; the next start offers recovery"),
    "first-install": Message("a first install; nothing is running yet"),
    "up-to-date": Message("all images are up to date"),
    "slow-registry": Message("a slow registry: time to explore the wizard during a pull"),
    "websoft9": Message("Websoft9; choose apphub 0.2.8, deployment 2.40.0, git 1.25.5"),
}
