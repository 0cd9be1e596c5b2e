"""Messages about registries, pulls, and what a pulled image proves."""

from __future__ import annotations

from ws9tui.problems import image
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    # --- registries
    image.RateLimited: Wording(
        "The pull rate limit of [{registry} // the registry] is reached[ ({reference:ref})].",
        "Log in (<login>) as the user that runs ws9tui for a higher limit, or wait[ {retry_after:wait}] and try again.",
        "the registry's pull rate limit is reached",
    ),
    image.Unauthorized: Wording(
        "[{registry} // The registry] denies access to {reference:ref}[: {reason}].",
        "Log in again with <login>: your login may have expired, or may not include this image.",
        "the registry denies access: log in again",
    ),
    image.ManifestUnknown: Wording(
        "[Tag '{tag}' does not exist in {repository} // {reference:ref} does not exist[ in {registry}] // The image"
        " does not exist].",
        "Check the tag, or choose another one.",
        "no such tag in the registry",
    ),
    image.RepositoryUnknown: Wording(
        "[{registry} // The registry] has no repository for {reference:ref}, or does not show it without a login.",
        "Check the name. For a private repository, log in: <login>.",
        "no such repository",
    ),
    image.RegistryUnreachable: Wording(
        "[{registry} // The registry] cannot be reached[ ({reference:ref})][: {reason}].",
        "Check the network, DNS and the engine's proxy settings, then try again.",
        "the registry cannot be reached",
    ),
    image.RegistryServerError: Wording(
        "[{registry} // The registry] has a server error[ ({reference:ref})][: {reason}].",
        "The problem is at the registry. Try again later.",
        "the registry has a server error",
    ),
    image.TlsError: Wording(
        "The TLS certificate of [{registry} // the registry] is not trusted[: {reason}].",
        "Check this server's date and time[{clock:given}: a wrong clock is a likely cause]. If they are right, add"
        " the registry's certificate authority to the engine.",
        "the registry's certificate is not trusted",
    ),
    image.DiskFull: Wording(
        "The engine's disk is full[: no space for {reference:ref}].",
        "Free some space, then try again. To see what uses it: <disk-use>.",
        "the engine's disk is full",
    ),
    image.DigestMismatch: Wording(
        "The data received for {reference:ref} does not match its digest[: {reason}].",
        "Try again. If it happens again, do not use this registry or mirror until you know why.",
        "the data does not match its digest",
    ),
    image.PlatformMissing: Wording(
        "{reference:ref} is not available for this platform[ ({platform})][: {reason}].",
        "Choose a tag that is.",
        "not available for this platform",
    ),
    image.ImageNotPulled: Wording(
        "{reference:ref} could not be pulled[: {reason}].",
        brief="pull failed[: {reason}]",
    ),
    image.PullIncomplete: Wording(
        "The pull of {reference:ref} finished, but the image is missing.",
        "Try again. If it happens again, check the engine's log: <engine-log>.",
        "image missing after the pull",
    ),
    image.PullTimeout: Wording(
        "The pull of {reference:ref} did not finish within {seconds:duration}.",
        "Try again, or allow more time with --pull-timeout.",
        "not finished within {seconds:duration}",
    ),
    image.NoDataArrives: Wording(
        "No data received of {reference:ref} for {seconds:duration}.",
        "Check the network, or allow a longer wait with --stall-timeout.",
        "no data for {seconds:duration}",
    ),
    image.RegistrySlow: Wording(
        "[{registry} // The registry] did not answer in time[ for {reference:ref}].",
        "Try again later.",
        "the registry did not answer in time",
    ),
    image.RegistryNonsense: Wording(
        "[{registry} // The registry] sent an invalid answer[ for {reference:ref}][: {reason}].",
        "A proxy or a login page may have answered instead: check the network path to the registry.",
        "the registry sent an invalid answer",
    ),
    image.TagsUntold: Wording(
        "[{registry} // The registry] does not list its tags[ for {reference:ref}][: {reason}].",
        "Look for newer tags on its web site.",
        "the registry does not list its tags",
    ),
    image.RuleOffline: Wording(
        "{rule} of {service:name} needs a registry that lists its tags, but with --from no registry is used.",
        "Give the tag itself: {service}=TAG.",
        "needs a registry",
    ),
    image.PullsSpared: Wording(
        "{registry} allows {remaining} more pulls (limit: {limit}). They are reserved for the update itself.",
        "Log in (<login>) as the user that runs ws9tui for a higher limit, or check again later.",
        "the registry's pull rate limit is nearly reached",
    ),
    image.DigestOfMirror: Wording(
        "{registry} does not answer; the digest of {reference:ref} is known only from the mirror {mirror}.",
        "A mirror may be outdated or wrong. To accept it, select the service, or use --trust-mirror.",
        "known only from the mirror {mirror}",
    ),
    image.PullsLeft: Wording(
        "{registry} allows {remaining} more pulls (limit: {limit}).",
        brief="pulls left",
    ),
    image.PullsTooFew: Wording(
        "{registry} allows {remaining} more pulls (limit: {limit}), but the update needs {images}.",
        "Log in (<login>) as the user that runs ws9tui for a higher limit, wait until the limit resets, or update"
        " fewer services.",
        "not enough pulls left",
    ),
    image.TooYoung: Wording(
        "{reference:ref} has an update that was first seen here {age:duration} ago. New images are held for"
        " {minimum:duration}.",
        "Wait, or take it now: select it in the wizard, or use --minimum-age 0. The age is set by minimum_age in"
        " x-ws9tui.",
        "held: seen for {age:duration} of {minimum:duration}",
    ),
    image.OlderTaken: Wording(
        "{reference:ref} has moved again. The newest image is held for {minimum:duration}; the one before it, first"
        " seen here {age:duration} ago, is offered.",
        "To take the newest, use --minimum-age 0.",
        "the image before the newest; the newest is held",
    ),
    image.TagsTooMany: Wording(
        "[{registry} // The registry] has more tags[ for {reference:ref}] than ws9tui reads.",
        "Look for newer tags on its web site.",
        "too many tags",
    ),
    image.TagsOfMirror: Wording(
        "[{registry} // The registry] cannot be reached; its mirror {mirror} may not have the newest tags.",
        "Check again when the registry answers.",
        "only the mirror {mirror} answered",
    ),
    image.TagIncomparable: Wording(
        "The tag of {reference:ref} is not a version, so it cannot be compared with other tags.",
        brief="the tag is not a version",
    ),
    # --- logins
    image.LoginBroken: Wording(
        "[The login for {registry} // A login][ in {path}] is ignored[: {reason:login}].",
        "Log in again with <login>, or remove the login with <logout>. Other logins are not affected.",
        "a login[ for {registry}] cannot be used",
    ),
    image.LoginsUnreadable: Wording(
        "[The logins in {path} // The logins] are ignored[: {reason:login}].",
        "Repair the file. Until then registries are used without a login.",
        "the logins cannot be read",
    ),
    image.LoginHelper: Wording(
        "[docker-credential-{helper} // A credential helper], which stores the login[ for {registry}],"
        " [{reason:login} // cannot be used].",
        "That registry is used without a login. Install or repair the helper, or remove it from config.json"
        " (credsStore, credHelpers) and log in again.",
        "the login[ for {registry}] is not available",
    ),
    # --- what can be compared, and what cannot
    image.NoDigest: Wording(
        "{reference:ref} was built or loaded locally, so it cannot be compared with the registry.",
        "To replace it with the registry's image, select the service.",
        "built or loaded locally: cannot be compared",
    ),
    image.Pinned: Wording(
        "{reference:ref} is pinned by digest, so it has no newer image.",
        "To change it, give another tag or digest.",
        "pinned by digest",
    ),
    image.PinGivenUp: Wording(
        "{service} is no longer pinned to a digest[ ({old:ref})]: without a registry the digest of {reference:ref}"
        " is not known.",
        "To pin it again, give the digest itself.",
        "no longer pinned",
    ),
    image.PinnedAnew: Wording(
        "{service} is no longer pinned to its digest[ ({old:ref})], but to a new one: {reference:ref}.",
        brief="pinned to {reference:ref}",
    ),
    # --- versions
    image.VersionAsExpected: Wording(
        "It reports version {found}, as expected.",
        brief="as expected",
    ),
    image.VersionMismatch: Wording(
        "[{service}: its // Its] image reports version {found}, but {expected} is expected[ ({source:source})].",
        "Choose another tag, or correct the expected version (--expect, or 'expect' in x-ws9tui).",
        "reports {found}, expected {expected}",
    ),
    image.VersionTaken: Wording(
        "[{service}: its // Its] image reports {found}; {expected} is expected[ ({source:source})], and {found} was"
        " accepted.",
        brief="reports {found}, accepted in place of {expected}",
    ),
    image.VersionUnproven: Wording(
        "[{service}: version // Version] {expected} is expected[ ({source:source})], but the image does not report"
        " its version[: its label {label} comes from its base image].",
        "The digest matches the registry; the version inside is not verified.",
        "{expected} not verified",
    ),
    image.VersionLabelUnreliable: Wording(
        "Its label says {label}, its tag says {tag}.",
        "One of them is wrong. To ask the program itself, set version_command in x-ws9tui.",
        "label says {label}, tag {tag}",
    ),
    image.VersionDowngrade: Wording(
        "[{service}: ]{found} is older than {running}, which is running now.",
        "Many programs cannot read the data of a newer version. Back up the data first.",
        "older than {running}",
    ),
    image.VersionCommandDiffers: Wording(
        "The running program reports version {found}, but {expected} is expected.",
        brief="the program reports {found}, not {expected}",
    ),
    image.VersionCommandEndless: Wording(
        "[{service}: version // Version] {expected} is not verified: its version_command did not finish within"
        " {seconds:duration}, or its output did not end.",
        "Change it so that it prints the version and exits. It keeps running until its container is stopped.",
        "version_command did not finish",
    ),
    image.DigestAsResolved: Wording(
        "Its digest matches the registry[ ({digest:digest})].",
        brief="digest OK",
    ),
    image.DigestDiffers: Wording(
        "[{service}: its // Its] digest does not match the registry[ ({digest:digest})].",
        "Pull it again. If it still does not match, do not use it.",
        "digest does not match",
    ),
    image.PlatformOk: Wording(
        "It is built for this platform[ ({platform})].",
        brief="platform OK",
    ),
    image.PlatformWrong: Wording(
        "[{service}: the // The] image is built for {platform}, but this engine runs [{engine} // another platform].",
        "Choose a tag for this engine's platform.",
        "built for {platform}",
    ),
    # --- changes inside the image
    image.UserChanged: Wording(
        "It will run as user [{new} // root] instead of [{old} // root].",
        "The new user may not be able to read the files in the volumes. Watch the service after the update.",
        "runs as [{new} // root] instead of [{old} // root]",
    ),
    image.VolumesChanged: Wording(
        "Its declared volumes change[: {added:list} added[, {removed:list} removed] // : {removed:list} removed].",
        "Data at a path that is no longer declared stays in the old volume, which is then not used.",
        "declared volumes change",
    ),
    image.PortsChanged: Wording(
        "Its declared ports change[: {added:list} added[, {removed:list} removed] // : {removed:list} removed].",
        "Check that the Compose file publishes the right ports.",
        "declared ports change",
    ),
    image.CommandChanged: Wording("Its command changes[: '{old}' → '{new}'].", brief="command changes"),
    image.EntrypointChanged: Wording(
        "Its entrypoint changes[: '{old}' → '{new}'].",
        brief="entrypoint changes",
    ),
    image.HealthcheckGone: Wording(
        "It no longer has a health check.",
        "After the update ws9tui can only check that it keeps running.",
        "no health check any more",
    ),
}
