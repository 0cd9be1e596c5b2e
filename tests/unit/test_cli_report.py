"""The report of a run: what is on its page, that nothing in it does harm, and how its file is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

import sample_run as sample
from command_line import History
from every_event import run_of
from recordings import FOLDER, recording
from sample_run import Played
from ws9tui.cli import report_html, report_markdown
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.model.terms import Verb
from ws9tui.core.store.store import RunRecord, Store
from ws9tui.words import report

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=y>",
    "[link](http://evil.example)",
    "![image](http://evil.example/x.png)",
    "https://evil.example/x",
    "www.evil.example",
    "someone@evil.example",
    "| a | b |",
    "```",
    "~~~",
    "# heading",
    "1. list",
    "- list",
    "> quote",
    "<!-- ",
    "&lt;b&gt; &amp;",
    "\x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "\u202egnp.exe",
    '\'" onmouseover="x',
    "</style></pre></td>",
    "\\",
    "``` ````` `",
)
VOID = ("meta", "br", "img", "link", "input")


def record(kept: Store, *events: Event) -> RunRecord:
    found = kept.read(sample.recorded(kept, *events))
    assert found is not None
    return found


def pages(kept: Store, events: tuple[Event, ...]) -> tuple[str, str]:
    found = record(kept, *events)
    made = report.report(found, found.events())
    return report_html.written(made), report_markdown.written(made)


class Page(HTMLParser):
    """What a page of HTML is made of; every element must be closed where it stands."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def markdown(text: str) -> list[Token]:
    parser = MarkdownIt("gfm-like")
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False})  # as GitHub does: a bare name is no link
    return [token for block in parser.parse(text) for token in (block, *(block.children or ()))]


def harmless(page: str, text: str) -> None:
    """Assert that a report has no markup but its own."""
    found = Page(page)
    own = (
        "html head meta title style body header h1 p strong main section h2 h3 dl dt dd div table thead tbody tr th td"
    )
    assert {tag for tag, _ in found.tags} <= {*own.split(), "pre", "span", "b", "i", "footer"}
    allowed = {"class", "style", "title", "role", "lang", "charset", "http-equiv", "content", "name", "aria-hidden"}
    assert {name for _, attributes in found.tags for name in attributes} <= allowed
    assert not re.search(r"url\(|@import|javascript:", page)
    assert all(part.isprintable() for part in page.splitlines())
    kinds = {token.type for token in markdown(text)}
    assert not kinds & {
        "html_block",
        "html_inline",
        "link_open",
        "image",
        "blockquote_open",
        "ordered_list_open",
        "code_block",
    }
    assert all(part.isprintable() for part in text.splitlines())


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.jsonl")))
def test_a_report_of_every_recorded_run(kept: Store, name: str) -> None:
    """Finished runs of every outcome; each fact of the page is in the other form as well."""
    html, text = pages(kept, recording(name))
    harmless(html, text)
    shown = " ".join(Page(html).text)
    assert re.search(r"(Run|of [\w-]+, run) ?\d*", shown)
    for part in ("Run", "In order"):
        assert f"## {part}" in text
        assert part in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_run_becomes_markup(kept: Store, text: str) -> None:
    events = [event for event in run_of(text) if not isinstance(event, e.ProjectFound)]
    harmless(*pages(kept, (*sample.looked(number=5, verb=Verb.RECOVER), *events)))


def test_no_log_closes_its_fence(kept: Store) -> None:
    lines = tuple(e.LogLine(service="git", line=line) for line in ("```", "`````` x", "~~~", "</pre>", "# no heading"))
    tail = e.LogsSaved(service="git", container="c", name="logs/x", size=1, role="failed", tail=("````", "- x"))
    html, text = pages(kept, (*sample.whole()[:-2], *lines, tail, *sample.KEPT[-1:]))
    harmless(html, text)
    fences = [token.content for token in markdown(text) if token.type == "fence"]
    assert "````\n- x\n" in fences
    assert any(content.endswith("```\n`````` x\n~~~\n</pre>\n# no heading\n") for content in fences)
    headings = re.findall(r"^#+ .*", text, re.MULTILINE)
    assert "# no heading" in headings  # a line of the log, which is in its fence
    assert sum(token.type == "heading_open" for token in markdown(text)) == len(headings) - 1


def test_what_is_on_the_page(kept: Store) -> None:
    html, text = pages(kept, tuple(sample.whole()))
    shown = "\n".join(Page(html).text)
    for part in (
        "Update of shop, run 7",
        "Updated",
        "root (ssh from 10.0.0.7, /dev/pts/0)",
        "Docker 28.5.2 on server-3 (amd64), Compose 5.6.1",
        "Downtime",
        "recreate git",
        "Apply, by root",
        "image 1.25.1 → 1.25.5",
    ):
        assert part in shown, part
        assert part in text, part
    assert "| git | example.org/git | 1.25.1 (1) | 1.25.5 (1) | 1.25.5 (1) |" in text
    assert re.search(r'class="bar away" style="left:[\d.]+%;width:[\d.]+%" title="down for 2.0 s"', html)
    assert '<html lang="en">' in html
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_bars_stand_within_the_axis(kept: Store) -> None:
    for name in ("kept", "twelve", "needs-recovery", "rolled-back", "hostile-logs", "recovered"):
        html, _ = pages(kept, recording(name))
        places = [tuple(map(float, found)) for found in re.findall(r"left:([\d.]+)%;width:([\d.]+)%", html)]
        assert places
        assert all(0 <= left <= 100 and width > 0 and left + width <= 100.5 for left, width in places)


def test_a_live_and_an_interrupted_run(kept: Store, history: History) -> None:
    live = Played(kept)
    live.say(*sample.committed())
    told = history("7", "--report", "-")[1]
    assert "**In progress**" in told
    assert "The run is in progress: this is its state at" in told
    live.close()
    told = history("7", "--report", "-")[1]
    assert "**Interrupted**" in told
    assert "To recover: 'ws9tui recover shop'." in told
    assert "| git | example.org/git | 1.25.1 (1) | 1.25.5 (1) | not known |" in told
    assert "checked for" in told


def test_a_report_is_a_file_of_its_reader_s_own(kept: Store, history: History, tmp_path: Path) -> None:
    record(kept, *sample.whole())
    for name in ("a.html", "b.MD", "c.htm", "d.markdown"):
        status, written, told = history("shop", "7", "--report", name)
        assert (status, told) == (0, "")
        assert written == f"The report is in {tmp_path / name}; only you can read it.\n"
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a.html").read_text().startswith("<!DOCTYPE html>")
    assert (tmp_path / "b.MD").read_text().startswith("# Update of shop, run 7")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "a.html",
        "b.MD",
        "c.htm",
        "d.markdown",
    ]


def test_markdown_on_stdout(kept: Store, history: History) -> None:
    record(kept, *sample.whole())
    status, written, _ = history("7", "--report", "-")
    assert status == 0
    assert written.startswith("# Update of shop, run 7\n\n**Updated**\n")


def _file(path: Path) -> None:
    path.write_text("mine")


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [_file, _link, _folder])
def test_nothing_that_is_there_is_replaced(
    kept: Store, history: History, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    record(kept, *sample.whole())
    there = tmp_path / "x.html"
    make(there)
    status, written, told = history("7", "--report", str(there))
    assert (status, written) == (2, "")
    assert f"{there} already exists" in told
    assert not (tmp_path / "elsewhere").exists()
    assert make is not _file or there.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("7", "--report", "x.pdf"), "a report's name ends in"),
        (("7", "--report", ""), "a report's name ends in"),
        (("--report", "x.html"), "--report needs the number of a run"),
        (("7", "--json", "--report", "x.html"), "cannot be combined"),
        (("99", "--report", "x.html"), "There is no run 99"),
    ],
)
def test_what_cannot_be_reported(kept: Store, history: History, arguments: tuple[str, ...], said: str) -> None:
    record(kept, *sample.whole())
    status, _, told = history(*arguments)
    assert status == 2
    assert said in told


def test_a_folder_that_is_not_there(kept: Store, history: History, tmp_path: Path) -> None:
    record(kept, *sample.whole())
    status, _, told = history("7", "--report", str(tmp_path / "no" / "x.html"))
    assert status == 3
    assert "cannot be written" in told


def test_a_saved_log_is_not_read(kept: Store, history: History, tmp_path: Path) -> None:
    logs = e.LogsSaved(service="git", container="c", name="logs/git.log", size=8, role="failed")
    folder = record(kept, *sample.looked(number=1), logs).folder
    (folder / "logs").mkdir()
    (folder / "logs" / "git.log").write_text("password")  # it has what the container wrote, unmasked
    assert history("1", "--report", "x.html")[0] == 0
    assert "password" not in (tmp_path / "x.html").read_text()


def test_long_waits_are_drawn_short(kept: Store) -> None:
    def moved(events: tuple[Event, ...]) -> Iterator[Event]:
        late = False
        for event in events:
            late = late or isinstance(event, e.RollbackStarted)
            yield msgspec.structs.replace(event, at=event.at.replace("T08:", "T09:")) if late else event

    html, text = pages(kept, tuple(moved(recording("rolled-back"))))
    assert "1 h shortened" in html
    widths = [float(width) for width in re.findall(r'class="bar away" style="left:[\d.]+%;width:([\d.]+)%', html)]
    assert max(widths) > 10
    assert "down for 6.0 s" in text
