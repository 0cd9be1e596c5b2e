"""Words for registries, pulls, and what a pulled image proves."""

from __future__ import annotations

from ws9tui.problems import image
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

WORDINGS: dict[type[Problem], Wording] = {
    # --- registries
    image.RateLimited: Wording(
        "[{registry} // The registry] allows no more pulls for now[ ({reference:ref})].",
        "<login> as the user that runs ws9tui raises the limit; else wait[ {retry_after:wait}] and try again.",
        "the registry's pull limit is reached",
    ),
    image.Unauthorized: Wording(
        "[{registry} // The registry] refuses access to {reference:ref}[: {reason}].",
        "Log in again with <login>: the login may have expired, or may not include this image.",
        "the registry refuses access: log in again",
    ),
    image.ManifestUnknown: Wording(
        "[{registry} // The registry] has no {reference:ref}.",
        "Check the tag, or choose another one.",
        "no such tag in the registry",
    ),
    image.RepositoryUnknown: Wording(
        "[{registry} // The registry] knows no repository for {reference:ref}, or hides it.",
        "Check the name. A private repository needs <login>.",
        "no such repository",
    ),
    image.RegistryUnreachable: Wording(
        "[{registry} // The registry] cannot be reached[ ({reference:ref})][: {reason}].",
        "Check the network, the name service and the engine's proxy settings, then try again.",
        "the registry cannot be reached",
    ),
    image.RegistryServerError: Wording(
        "[{registry} // The registry] is out of order[ ({reference:ref})][: {reason}].",
        "The fault is on its side. Try again later.",
        "the registry is out of order",
    ),
    image.TlsError: Wording(
        "The certificate of [{registry} // the registry] is not accepted[: {reason}].",
        "Compare this machine's date with the real one[{clock:given}: a wrong clock is a likely cause]."
        " Where the date is right, the engine must be told of the registry's certificate authority.",
        "the registry's certificate is not accepted",
    ),
    image.DiskFull: Wording(
        "The engine's disk is full[: {reference:ref} did not fit].",
        "<disk-use> shows what takes the space. Free some, then try again.",
        "the engine's disk is full",
    ),
    image.DigestMismatch: Wording(
        "What came for {reference:ref} is not what the registry announced[: {reason}].",
        "Try again. If it happens again, do not use this registry or mirror before the cause is known.",
        "what came is not what was announced",
    ),
    image.PlatformMissing: Wording(
        "{reference:ref} is not made for this machine[ ({platform})][: {reason}].",
        "Choose a tag that is.",
        "not made for this machine",
    ),
    image.ImageNotPulled: Wording(
        "{reference:ref} could not be pulled[: {reason}].",
        "",
        "not pulled[: {reason}]",
    ),
    image.PullIncomplete: Wording(
        "The pull of {reference:ref} ended, and the image is not there.",
        "Try again; the engine's log may tell why: <engine-log>.",
        "the pull ended without the image",
    ),
    image.PullTimeout: Wording(
        "{reference:ref} was not complete after {seconds:duration}.",
        "Try again, or allow more time with --pull-timeout.",
        "not complete after {seconds:duration}",
    ),
    image.NoDataArrives: Wording(
        "No byte of {reference:ref} came for {seconds:duration}.",
        "Check the network, or allow longer silence with --stall-timeout.",
        "no byte for {seconds:duration}",
    ),
    image.RegistrySlow: Wording(
        "[{registry} // The registry] took too long to tell what it has[ of {reference:ref}].",
        "Try again later.",
        "the registry takes too long",
    ),
    image.RegistryNonsense: Wording(
        "What [{registry} // the registry] says[ of {reference:ref}] is not what a registry says[: {reason}].",
        "Something in between may answer in its place, such as a proxy or a login page.",
        "the registry's answer is not understood",
    ),
    image.TagsUntold: Wording(
        "[{registry} // The registry] does not list its tags[ of {reference:ref}][: {reason}].",
        "Whether there are newer ones can be seen on its web site.",
        "the registry does not list its tags",
    ),
    image.RuleOffline: Wording(
        "{rule} of {service:name} needs a registry that lists its tags, and none is asked with --from.",
        "Name the tag itself: {service}=TAG.",
        "needs a registry",
    ),
    image.PullsSpared: Wording(
        "{registry} allows {remaining} more pulls of {limit}; they are left to the update itself.",
        "<login> as the user that runs ws9tui raises the limit; else look again later.",
        "the registry's pull limit is nearly reached",
    ),
    image.DigestOfMirror: Wording(
        "{registry} does not answer; what {reference:ref} is comes from the mirror {mirror} alone.",
        "A mirror may be behind, or wrong. Agree to it by selecting the service, or with --trust-mirror.",
        "known from the mirror {mirror} only",
    ),
    image.PullsLeft: Wording("{registry} allows {remaining} more pulls of {limit}.", "", "pulls are left"),
    image.PullsTooFew: Wording(
        "{registry} allows {remaining} more pulls of {limit}, and the update needs {images}.",
        "<login> as the user that runs ws9tui raises the limit; else wait until it is reset, or name fewer services.",
        "too few pulls are left",
    ),
    image.TooYoung: Wording(
        "{reference:ref} has an update that was first seen here {age:duration} ago; it is held for {minimum:duration}.",
        "Wait, or take it all the same: select it in the wizard, or run with --minimum-age 0. The age is set by"
        " minimum_age in x-ws9tui.",
        "held: seen for {age:duration} of {minimum:duration}",
    ),
    image.OlderTaken: Wording(
        "{reference:ref} has moved again; the image before, seen here {age:duration} ago, is offered,"
        " for the new one is held for {minimum:duration}.",
        "To have the newest, run with --minimum-age 0.",
        "the one before; the newest is held",
    ),
    image.TagsTooMany: Wording(
        "[{registry} // The registry] has more tags[ of {reference:ref}] than are read.",
        "Whether there are newer ones can be seen on its web site.",
        "there are too many tags",
    ),
    image.TagsOfMirror: Wording(
        "[{registry} // The registry] cannot be reached; its mirror {mirror} may not have the newest tags.",
        "Look again when the registry answers.",
        "only the mirror {mirror} answered",
    ),
    image.TagIncomparable: Wording(
        "The tag of {reference:ref} is no version, so that no other is newer.",
        "",
        "the tag is no version",
    ),
    # --- logins
    image.LoginBroken: Wording(
        "[The login at {registry} // A login][ in {path}] is left out[: {reason:login}].",
        "<login> makes it anew, <logout> takes it away. No other login is concerned.",
        "a login[ at {registry}] cannot be used",
    ),
    image.LoginsUnreadable: Wording(
        "[The logins in {path} // The logins] are left out[: {reason:login}].",
        "Registries are asked without a login until the file can be read again.",
        "the logins cannot be read",
    ),
    image.LoginHelper: Wording(
        "[docker-credential-{helper} // A credential helper], which keeps the login[ at {registry}],"
        " [{reason:login} // cannot be used].",
        "That registry is asked without a login. Install the helper or see to it, or take it out of config.json"
        " (credsStore, credHelpers) and log in again.",
        "the login[ at {registry}] cannot be had",
    ),
    # --- what can be compared, and what cannot
    image.NoDigest: Wording(
        "{reference:ref} was built or loaded here, so it cannot be compared with the registry.",
        "Select the service to replace it by what the registry has.",
        "built or loaded here: cannot be compared",
    ),
    image.Pinned: Wording(
        "{reference:ref} is pinned by its digest, so there can be no newer one.",
        "Ask for another tag or digest to change it.",
        "pinned by digest",
    ),
    image.PinGivenUp: Wording(
        "The digest by which {service} is pinned is given up[ ({old:ref})]: without a registry that of"
        " {reference:ref} is not known.",
        "Ask for the digest itself to pin it anew.",
        "no longer pinned",
    ),
    image.PinnedAnew: Wording(
        "The digest by which {service} is pinned is given up[ ({old:ref})]: it is pinned anew, to {reference:ref}.",
        "",
        "pinned anew to {reference:ref}",
    ),
    # --- versions
    image.VersionAsExpected: Wording("It says {found}, as expected.", "", "as expected"),
    image.VersionMismatch: Wording(
        "[{service}: its // Its] image says {found}, but {expected} is expected[ ({source:source})].",
        "Choose another tag, or correct the expectation (--expect, or x-ws9tui: expect).",
        "says {found}, {expected} is expected",
    ),
    image.VersionTaken: Wording(
        "[{service}: its // Its] image says {found}; {expected} is expected[ ({source:source})], and {found} was"
        " accepted.",
        "",
        "says {found}, accepted in place of {expected}",
    ),
    image.VersionUnproven: Wording(
        "[{service}: ]{expected} is expected[ ({source:source})], and the image does not tell its version"
        "[: its label {label} is that of the image that it was built upon].",
        "The digest is as the registry announced it; what is inside is not proven.",
        "{expected} is not proven",
    ),
    image.VersionLabelUnreliable: Wording(
        "Its label says {label}, its tag {tag}.",
        "One of them is wrong. A version_command in x-ws9tui asks the program itself.",
        "label says {label}, tag {tag}",
    ),
    image.VersionDowngrade: Wording(
        "[{service}: ]{found} is older than {running}, which runs now.",
        "Many programs cannot read the data of a newer version. Have a backup of the data first.",
        "older than {running}",
    ),
    image.VersionCommandDiffers: Wording(
        "The running program says {found}, but {expected} is expected.",
        "",
        "the program says {found}, not {expected}",
    ),
    image.VersionCommandEndless: Wording(
        "[{service}: version // Version] {expected} is not proven: its version_command did not end within"
        " {seconds:duration}, or printed without end.",
        "Let it print the version and end. It goes on until its container is stopped.",
        "version_command does not end",
    ),
    image.DigestAsResolved: Wording(
        "Its digest is the one that the registry announced[ ({digest:digest})].", "", "digest ok"
    ),
    image.DigestDiffers: Wording(
        "[{service}: its // Its] digest is not the one that the registry announced[ ({digest:digest})].",
        "Pull it again. If it differs again, do not use it.",
        "digest differs",
    ),
    image.PlatformOk: Wording("It is made for this machine[ ({platform})].", "", "platform ok"),
    image.PlatformWrong: Wording(
        "[{service}: the // The] image is made for {platform}, and this machine is [{engine} // another one].",
        "Choose a tag that is made for this machine.",
        "made for {platform}",
    ),
    # --- what changes inside the image
    image.UserChanged: Wording(
        "It runs as user [{new} // root] instead of [{old} // root].",
        "The new user may be unable to read the volumes' files. Watch the service after the update.",
        "runs as [{new} // root] instead of [{old} // root]",
    ),
    image.VolumesChanged: Wording(
        "Its declared volumes change[: {added:list} added[, {removed:list} removed] // : {removed:list} removed].",
        "Data at a path that is declared no longer stays in the old volume.",
        "declared volumes change",
    ),
    image.PortsChanged: Wording(
        "Its declared ports change[: {added:list} added[, {removed:list} removed] // : {removed:list} removed].",
        "Check that the Compose file publishes the right ones.",
        "declared ports change",
    ),
    image.CommandChanged: Wording("Its command changes[: '{old}' → '{new}'].", "", "command changes"),
    image.EntrypointChanged: Wording("Its entry point changes[: '{old}' → '{new}'].", "", "entry point changes"),
    image.HealthcheckGone: Wording(
        "It has no health check any more.",
        "It will be watched for a while only; 'well' then means less than before.",
        "health check is gone",
    ),
}
