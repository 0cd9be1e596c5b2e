"""Words for what is asked about an image besides its version: digest, signature, vulnerabilities, the way to it."""

from __future__ import annotations

from ws9tui.problems import trust
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

WORDINGS: dict[type[Problem], Wording] = {
    # --- the expected digest
    trust.DigestAsExpected: Wording(
        "{service}: its digest is the expected one[ ({digest:digest})].", "", "digest {digest:digest}, as expected"
    ),
    trust.DigestUnexpected: Wording(
        "{service}: {reference:ref} has the digest {digest:digest}, but {expected:digest} is expected.",
        "Somebody may have moved the tag. Find out who and why, then correct the expectation (--expect, or x-ws9tui:"
        " expect), or ask for the digest that you know.",
        "digest {digest:digest}, and {expected:digest} is expected",
    ),
    trust.ExpectedDigestUnproven: Wording(
        "{service}: whether {reference:ref} has the expected digest {expected:digest} cannot be told[: {reason}].",
        "Try again, or expect the digest that the registry has under the tag itself.",
        "the expected digest is not proven",
    ),
    # --- signatures
    trust.SignatureVerified: Wording(
        "{service}: cosign has verified the signature of {reference:ref}[ by {by}].",
        "",
        "signature verified",
    ),
    trust.SignatureWrong: Wording(
        "{service}: {reference:ref} is not signed as its settings ask for[: {reason}].",
        "Do not use it until you know why. Correct the signature in x-ws9tui only if its makers sign otherwise by now.",
        "signature failed[: {reason}]",
    ),
    trust.SignatureUnchecked: Wording(
        "{service}: the signature of {reference:ref} could not be checked by cosign[: {reason}][{accepted:given}; that"
        " was accepted].",
        "[{agree:given}See to it that cosign can be run and can ask, or go on without (without a terminal:"
        " --accept {agree}).]",
        "signature not checked[: {reason}]",
    ),
    # --- vulnerabilities
    trust.ScanCompared: Wording(
        "{service}: {program} compared {reference:ref} with what runs: [new vulnerabilities: {new:severities} // no new"
        " vulnerability][; fixed: {fixed:severities}][; in both: {same}].",
        "",
        "[{new:severities} new // nothing new][; {fixed:severities} fixed]",
    ),
    trust.ScanWorse: Wording(
        "{service}: {program} compared {reference:ref} with what runs: new vulnerabilities from '{level}' on:"
        " {new:severities}[ ({ids:list})][; fixed: {fixed:severities}][{accepted:given}; that was accepted].",
        "[{agree:given}Wait for another image, or go on if they do not concern you (without a terminal:"
        " --accept {agree}).]",
        "{new:severities} new",
    ),
    trust.ScanAlone: Wording(
        "{service}: {program} finds in {reference:ref} [{found:severities} // no vulnerability]; nothing runs that it"
        " could be compared with.",
        "",
        "[{found:severities} // no vulnerability]",
    ),
    trust.ScanUnchecked: Wording(
        "{service}: {reference:ref} was not compared with what runs for vulnerabilities: {program}: {reason}.",
        "",
        "not scanned",
    ),
    # --- the way from one version to another
    trust.PathFits: Wording(
        "{service}: {reference:ref} may follow {running}, which runs now ({range}).", "", "may follow {running}"
    ),
    trust.PathBehind: Wording(
        "{service}: {running}, which runs now, is newer than what {reference:ref} must come from ({range}): no step is"
        " skipped.",
        "",
        "no step is skipped",
    ),
    trust.PathSkips: Wording(
        "{service}: {reference:ref} may not follow {running}, which runs now: it may come from {range} alone.",
        "[Go to {step} first[ ({target:name})], then to this one. // Go to a version within {range} first, then to this"
        " one.]",
        "a step is missing[: {step}]",
    ),
    trust.PathUnknown: Wording(
        "{service}: {reference:ref} may come from {range} alone, and [{running}, which runs now, does not tell closely"
        " enough // which version runs is not known][{accepted:given}; that was accepted].",
        "[{agree:given}Find out which version runs, and go on if it may be followed by this one (without a terminal:"
        " --accept {agree}).]",
        "the version that runs is not known",
    ),
    trust.ProgramMissing: Wording(
        "{service}: {program} is not installed, and its settings ask for it ({setting}).",
        "Install it, or take the setting out of x-ws9tui.",
        "{program} is not installed",
    ),
}
