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
    mark("did not finish within {seconds} s"),
    mark("its output is not JSON"),
    mark("{place}: write $$ for a literal $"),
    mark("API versions below {version} are no longer supported"),
    mark("HTTP status {status}"),
    mark("{file} lacks {entry}"),
    mark("there is no context {name}"),
    mark("the context {name} cannot be read"),
    mark("timed out: the registry gave no answer"),
    mark("its answer is not that of a Docker engine ({error})"),
    mark("it should be ssh://USER@HOST or ssh://USER@HOST:PORT"),
    mark("the server forbids to forward connections over SSH"),
    mark("its shell prints text at login, where only the engine may answer"),
    mark("no answer to the data that was sent"),
    mark("no answer within {seconds} s"),
    mark("it redirects to a URL that is not http or https"),
    mark("it redirects without end"),
    mark("it redirects to another scheme"),
    # --- a product's checks
    mark("its container does not run"),
    mark("this version does not have it"),
    mark("no end within {seconds} s"),
    mark("exit status {status}"),
    mark("its image has neither curl nor wget"),
    mark("the client in its image cannot speak the server's TLS"),
    mark("no answer"),
    mark("another answer than expected"),
    # --- cosign and scanners
    mark("it cannot be run with these settings"),
    mark("its report is too long"),
    mark("its output is not a report"),
    mark("it is not installed"),
    mark("its output does not name the image"),
    mark("it exited with status {status}"),
    mark("its digest is not known"),
    # --- registries
    mark("timed out"),
    mark("it is on the engine's own server"),
    mark("its name is not known"),
    mark("its token service has an address that is not safe"),
    mark("its token service refuses the login"),
    mark("its token service requires a login"),
    mark("its token service gives no token"),
    mark("it leads to an address that is not safe"),
    mark("it requires a login"),
    mark("it requires TLS"),
    mark("its list of tags is not valid"),
    mark("its manifest is not that of an image"),
    mark("its manifest names no configuration"),
    mark("its answer does not describe an image"),
    mark("it sent {digest}"),
    mark("it is {digest}"),
    mark("its certificate is not trusted"),
    mark("its address is not valid"),
    mark("it did not answer in time"),
    mark("it is longer than {size} bytes"),
    mark("the login in {file} cannot be used"),
    mark("it is too large"),
    mark("it is not a file"),
    # --- files, archives, generations
    mark("one no longer exists"),
    mark("{name} runs another image"),
    mark("it is not an http or https URL"),
    mark("not UTF-8"),
    mark("nested too deeply"),
    mark("{name} and --project-name {other} are two projects"),
    mark("{argument}: SERVICE or SERVICE=REFERENCE is expected"),
    mark("an anonymous volume"),
    mark("{name} is a symbolic link loop"),
    mark("it ends before its list of images"),
    mark("unexpected end of data"),
    mark("it is cut short"),
    mark("it has a damaged header"),
    mark("{name} is missing"),
    mark("{name} does not match its digest"),
    mark("{name} has {layers} layers, but {listed} are listed"),
    mark("its list of images cannot be understood"),
    mark("{name} cannot be understood"),
    mark("{name} is not valid JSON"),
    mark("it contains a sparse file"),
    mark("{size} bytes unpack to more than {unpacked}"),
    mark("it has a header of {size} bytes"),
    mark("it has too many headers"),
    mark("{name} has changed in the meantime"),
    mark("{name} is for {platform}; this engine is {engine}"),
    mark("it is for {platform}; this engine is {engine}"),
    mark("it has no container"),
    mark("a program on this server"),
    mark("it would become {value}"),
    mark("its answer has no date"),
    mark("its content differs from what was written"),
    mark("its content differs from what was recorded"),
    # --- backups of projects
    mark("No image of the project is there"),
    mark("it is gone"),
    mark("it is {device}, which belongs to the server"),
    mark("it belongs to the server"),
    mark("something other than a folder is there"),
    mark("{name} differs from what was written"),
    mark("its list is too large"),
    mark("{name} does not match its checksum"),
    mark("{name} appears twice"),
    mark("it has too many members"),
    mark("{name} is larger than its list says"),
    # --- answers, installs, releases
    mark("answers, as in 'source: websoft9', are expected"),
    mark("NAME: value is expected"),
    mark("'{name}' is not a channel; known: {known}"),
    mark("a SHA-256 of 64 hexadecimal digits is expected"),
    mark("'from' is a list of archives"),
    mark("{name} must be one text"),
    mark("{name} must be one line of text"),
    mark("it is not UTF-8 text"),
    mark("'{name}' is not known; known: {known}"),
    mark("'{name}' appears twice"),
    mark("text without spaces, quotes and $ is expected"),
    mark("a port from 1 to {last} is expected"),
    mark("a path that begins with / is expected"),
    mark("it is the value of {name} too"),
    mark("not a mapping"),
    mark("a path that is not text"),
    mark("no Compose file"),
    mark("not an object"),
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
