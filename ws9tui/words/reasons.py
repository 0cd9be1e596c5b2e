"""Reasons that the core, the adapters and Websoft9's profile give in English, as journals have them, for translation.

A reason is found by its English, so that those in older journals are told too; what is none, an engine's own words for
one, stands as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ws9tui.words.language import english, mark, translated

REASONS = (
    # --- engine, Compose, probes
    mark("no end after {seconds} s"),
    mark("its output is not JSON"),
    mark("{place}: a $ that stands for itself is written $$"),
    mark("API versions below {version} are not known any more"),
    mark("HTTP status {status}"),
    mark("{file} lacks {entry}"),
    mark("there is no context {name}"),
    mark("the context {name} cannot be read"),
    mark("timed out: the registry gave no answer"),
    mark("its answer is not what an engine says ({error})"),
    mark("an engine behind SSH cannot be used"),
    mark("no answer to what was sent"),
    mark("no answer within {seconds} s"),
    mark("it leads to no http or https URL"),
    mark("it leads from one address to the next"),
    mark("it leads to another scheme"),
    # --- cosign and scanners
    mark("it cannot be called with what is set"),
    mark("its report is too long"),
    mark("its output is no report"),
    mark("it is not installed"),
    mark("its output does not name the image"),
    mark("it ended with status {status}"),
    mark("its digest is not known"),
    # --- registries
    mark("the time is up"),
    mark("it is on the engine's own machine"),
    mark("its name is not known"),
    mark("its token service has an address that is not safe"),
    mark("its token service refuses the login"),
    mark("its token service gives none without a login"),
    mark("its token service gives no token"),
    mark("it leads to an address that is not safe"),
    mark("it asks for a login"),
    mark("it wants TLS"),
    mark("its list of tags is none"),
    mark("its manifest is none of an image"),
    mark("its manifest names no configuration"),
    mark("what it sends describes no image"),
    mark("it sent {digest}"),
    mark("it is {digest}"),
    mark("its manifest is none"),
    mark("its manifest is not what its digest says"),
    mark("its certificate is not accepted"),
    mark("its address is none"),
    mark("it did not answer in time"),
    mark("it is longer than {size} bytes"),
    mark("the login in {file} cannot be used"),
    mark("it is too large"),
    mark("it is no file"),
    # --- files, archives, generations
    mark("one is gone"),
    mark("{name} runs another image"),
    mark("it is no http or https URL"),
    mark("not UTF-8"),
    mark("nested too deeply"),
    mark("{name} and --project-name {other} are two projects"),
    mark("{argument}: SERVICE or SERVICE=REFERENCE is expected"),
    mark("an anonymous volume"),
    mark("{name} is a link without an end"),
    mark("it ends before its list of images"),
    mark("unexpected end of data"),
    mark("it is cut short"),
    mark("it has a damaged header"),
    mark("{name} is missing"),
    mark("{name} is not what its digest says"),
    mark("{name} tells of {layers} layers, the list of {listed}"),
    mark("its list of images cannot be understood"),
    mark("{name} cannot be understood"),
    mark("{name} is no JSON"),
    mark("it has a file with holes"),
    mark("of {size} bytes become more than {unpacked}"),
    mark("it has a header of {size} bytes"),
    mark("it has too many headers"),
    mark("{name} has changed meanwhile"),
    mark("{name} has {platform}; this engine is {engine}"),
    mark("it has {platform}; this engine is {engine}"),
    mark("it has no container"),
    mark("a program on this machine"),
    mark("it would become {value}"),
    mark("its answer has no date"),
    mark("its content is not what was written"),
    mark("its content is not what was recorded"),
    # --- answers, installs, releases
    mark("answers, as in 'source: websoft9', are expected"),
    mark("NAME: value is expected"),
    mark("'{name}' is no channel; there are {known}"),
    mark("a SHA-256 of 64 hexadecimal digits is expected"),
    mark("'from' is a list of archives"),
    mark("{name} is one text"),
    mark("{name} is one text, on one line"),
    mark("it is no UTF-8 text"),
    mark("'{name}' is not known; known are {known}"),
    mark("'{name}' stands there twice"),
    mark("text without spaces, quotes and $ is expected"),
    mark("a port from 1 to {last} is expected"),
    mark("a path that begins with / is expected"),
    mark("it is the value of {name} too"),
    mark("no mapping"),
    mark("a path that is no text"),
    mark("no Compose file"),
    mark("no object"),
    mark("table of contents"),
    mark("{done} of {size} bytes of {name}"),
    mark("ssh from {place}"),
)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What each reason looks like with its gaps filled, those with the most words of their own first."""
    ordered = sorted((reason for reason in REASONS if "{" in reason), key=lambda one: len(re.sub(r"\{\w+\}", "", one)))
    return tuple((re.compile(_GAP.sub(r"(?P<\1>.+)", re.escape(one))), one) for one in reversed(ordered))


_GAP = re.compile(r"\\\{(\w+)\\\}")
_WHOLE = frozenset(reason for reason in REASONS if "{" not in reason)


def told(reason: str) -> str:
    """A reason in the reader's language; what is none stands as it is."""
    if english():
        return reason
    if reason in _WHOLE:
        return translated(reason)
    for pattern, message in _patterns():
        if found := pattern.fullmatch(reason):
            return translated(message).format(**found.groupdict())
    return reason
