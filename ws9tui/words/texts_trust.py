"""Messages about image checks other than the version: digest, signature, vulnerabilities, upgrade path."""

from __future__ import annotations

from ws9tui.problems import trust
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    # --- the expected digest
    trust.DigestAsExpected: Wording(
        "{service}: its digest is as expected[ ({digest:digest})].",
        brief="digest {digest:digest}, as expected",
    ),
    trust.DigestUnexpected: Wording(
        "{service}: {reference:ref} has the digest {digest:digest}, but {expected:digest} is expected.",
        "Somebody may have moved the tag. Find out who and why. Then correct the expected digest (--expect, or"
        " 'expect' in x-ws9tui), or give the digest that you know.",
        "digest {digest:digest}, expected {expected:digest}",
    ),
    trust.ExpectedDigestUnproven: Wording(
        "{service}: it could not be checked whether {reference:ref} has the expected digest {expected:digest}[:"
        " {reason}].",
        "Try again, or expect the digest that the registry gives for the tag itself.",
        "expected digest not verified",
    ),
    # --- signatures
    trust.SignatureVerified: Wording(
        "{service}: cosign has verified the signature of {reference:ref}[ by {by}].",
        brief="signature verified",
    ),
    trust.SignatureWrong: Wording(
        "{service}: {reference:ref} is not signed as x-ws9tui requires[: {reason}].",
        "Do not use it until you know why. Change the signature in x-ws9tui only if the publisher now signs"
        " differently.",
        "signature failed[: {reason}]",
    ),
    trust.SignatureUnchecked: Wording(
        "{service}: cosign could not check the signature of {reference:ref}[: {reason}][{accepted:given}; this was"
        " accepted].",
        "[{agree:given}Make sure that cosign can run and reach the registry, or continue without the check (without"
        " a terminal: --accept {agree}).]",
        "signature not checked[: {reason}]",
    ),
    # --- vulnerabilities
    trust.ScanCompared: Wording(
        "{service}: {program} compared {reference:ref} with the running image: [new vulnerabilities:"
        " {new:severities} // no new vulnerabilities][; fixed: {fixed:severities}][; in both: {same}].",
        brief="[{new:severities} new // nothing new][; {fixed:severities} fixed]",
    ),
    trust.ScanWorse: Wording(
        "{service}: {program} compared {reference:ref} with the running image: new vulnerabilities of severity"
        " '{level}' or higher: {new:severities}[ ({ids:list})][; fixed: {fixed:severities}][{accepted:given}; this"
        " was accepted].",
        "[{agree:given}Wait for another image, or continue if they do not affect you (without a terminal: --accept"
        " {agree}).]",
        "{new:severities} new",
    ),
    trust.ScanAlone: Wording(
        "{service}: {program} found [{found:severities} // no vulnerabilities] in {reference:ref}. Nothing is"
        " running to compare it with.",
        brief="[{found:severities} // no vulnerabilities]",
    ),
    trust.ScanUnchecked: Wording(
        "{service}: {reference:ref} was not compared with the running image for vulnerabilities: {program}: {reason}.",
        brief="not scanned",
    ),
    # --- the upgrade path
    trust.PathFits: Wording(
        "{service}: {reference:ref} can follow the running version {running} ({range}).",
        brief="can follow {running}",
    ),
    trust.PathBehind: Wording(
        "{service}: the running version {running} is newer than those that {reference:ref} can follow ({range}). No"
        " step is skipped.",
        brief="no step is skipped",
    ),
    trust.PathSkips: Wording(
        "{service}: {reference:ref} cannot follow the running version {running}: it can follow only {range}.",
        "[Update to {step} first[ ({target:name})], then to this one. // Update to a version within {range} first,"
        " then to this one.]",
        "a step is missing[: {step}]",
    ),
    trust.PathUnknown: Wording(
        "{service}: {reference:ref} can follow only {range}, and [the running version {running} is not exact enough"
        " // the running version is not known][{accepted:given}; this was accepted].",
        "[{agree:given}Find out which version is running, and continue if this one can follow it (without a"
        " terminal: --accept {agree}).]",
        "running version not known",
    ),
    trust.ProgramMissing: Wording(
        "{service}: {program} is not installed, but x-ws9tui requires it ({setting}).",
        "Install it, or remove the setting from x-ws9tui.",
        "{program} is not installed",
    ),
}
