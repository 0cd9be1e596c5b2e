"""The themes: a dark and a light one of ws9tui's own, and the terminal's sixteen colours if it has no more.

Dark and light are made of the 256 colours that terminals share, so that they look the same with and without true
colour. No state is shown by colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.style import Style
from textual.theme import Theme

VARIABLE = "WS9TUI_THEME"
"""environment variable that selects the theme"""

PLAIN = ""
GOOD = "good"
BAD = "bad"
WARN = "warn"
ACCENT = "accent"
DIM = "dim"
STRONG = "strong"
KEY = "key"
TRACK = "track"
"""the part of a bar that is not filled yet"""


class _Palette(NamedTuple):
    """The colours of a theme."""

    text: str
    ground: str
    raised: str
    """background of the title and the keys"""
    lifted: str
    """background of boxes over a pane"""
    frame: str
    quiet: str
    accent: str
    on_accent: str
    good: str
    warn: str
    bad: str


_DARK = _Palette(
    text="#e4e4e4",
    ground="#121212",
    raised="#262626",
    lifted="#1c1c1c",
    frame="#585858",
    quiet="#9e9e9e",
    accent="#5fafff",
    on_accent="#121212",
    good="#87d787",
    warn="#ffd75f",
    bad="#ff8787",
)
_LIGHT = _Palette(
    text="#1c1c1c",
    ground="#ffffff",
    raised="#e4e4e4",
    lifted="#eeeeee",
    frame="#9e9e9e",
    quiet="#585858",
    accent="#005faf",
    on_accent="#ffffff",
    good="#005f00",
    warn="#875f00",
    bad="#af0000",
)
_ANSI = _Palette(
    text="ansi_default",
    ground="ansi_default",
    raised="ansi_default",
    lifted="ansi_default",
    frame="ansi_bright_black",
    quiet="ansi_default",
    accent="ansi_cyan",
    on_accent="ansi_black",
    good="ansi_green",
    warn="ansi_yellow",
    bad="ansi_red",
)


def _theme(name: str, palette: _Palette, *, dark: bool = True, ansi: bool = False) -> Theme:
    p = palette
    return Theme(
        name=name,
        dark=dark,
        ansi=ansi,
        primary=p.accent,
        secondary=p.accent,
        accent=p.accent,
        warning=p.warn,
        error=p.bad,
        success=p.good,
        foreground=p.text,
        background=p.ground,
        surface=p.ground,
        panel=p.raised,
        boost=p.lifted,
        variables={
            "frame": p.frame,
            "raised": p.raised,
            "lifted": p.lifted,
            "on-accent": p.on_accent,
            "border": p.accent,
            "block-hover-background": p.raised,
            "input-cursor-background": p.text,
            "input-cursor-foreground": p.ground,
            "input-cursor-text-style": "reverse" if ansi else "none",
            "input-selection-background": p.accent,
            "input-selection-foreground": p.on_accent,
            "scrollbar": p.frame,
            "scrollbar-hover": p.quiet,
            "scrollbar-active": p.accent,
            "scrollbar-background": p.ground,
            "scrollbar-background-hover": p.ground,
            "scrollbar-background-active": p.ground,
            "scrollbar-corner-color": p.ground,
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
        },
    )


DARK, LIGHT, ANSI = "ws9tui-dark", "ws9tui-light", "ws9tui-ansi"
THEMES = (_theme(DARK, _DARK), _theme(LIGHT, _LIGHT, dark=False), _theme(ANSI, _ANSI, ansi=True))
_NAMES = {"dark": DARK, "light": LIGHT, "ansi": ANSI}
_WHITE = ("7", "15")
"""backgrounds in COLORFGBG that are light"""


def _styles(palette: _Palette) -> dict[str, Style]:
    colours = {
        name: value.removeprefix("ansi_") for name, value in palette._asdict().items() if value != "ansi_default"
    }
    quiet = Style(color=colours["quiet"]) if "quiet" in colours else Style(dim=True)
    return {
        PLAIN: Style(),
        GOOD: Style(color=colours["good"]),
        BAD: Style(color=colours["bad"]),
        WARN: Style(color=colours["warn"]),
        ACCENT: Style(color=colours["accent"]),
        DIM: quiet,
        STRONG: Style(bold=True),
        KEY: Style(color=colours["accent"], bold=True),
        TRACK: Style(bgcolor=colours.get("raised")),
    }


STYLES: dict[str, dict[str, Style]] = {DARK: _styles(_DARK), LIGHT: _styles(_LIGHT), ANSI: _styles(_ANSI)}
"""theme → tone → style"""


def style(theme: str, tone: str) -> Style:
    """Returns the style of a tone in a theme; several tones, separated by blanks, are combined."""
    styles = STYLES[theme]
    return Style.combine(styles[one] for one in tone.split()) if " " in tone else styles[tone]


def chosen(environment: Mapping[str, str], colours: str | None) -> str:
    """Returns the theme that suits a terminal; ``colours`` is its colour system as detected by Rich."""
    if environment.get("NO_COLOR"):
        return ANSI
    if (wanted := environment.get(VARIABLE, "")) in _NAMES:
        return _NAMES[wanted]
    if colours not in ("256", "truecolor"):
        return ANSI
    return LIGHT if environment.get("COLORFGBG", "").rpartition(";")[2] in _WHITE else DARK
