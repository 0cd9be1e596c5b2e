"""Words for bundles: making one, and what is wrong with one that came."""

from __future__ import annotations

from ws9tui.problems import bundle
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

WORDINGS: dict[type[Problem], Wording] = {
    bundle.BundleExists: Wording(
        "{path} is there already.", "Name another file, or replace it with --overwrite.", "it is there already"
    ),
    bundle.BundleOverInput: Wording(
        "{path} is one of the files that go into the bundle.", "Name another file.", "it is one of the project's files"
    ),
    bundle.BundleIsFolder: Wording("{path} is a folder.", "Name a file in it.", "it is a folder"),
    bundle.BundleUnwritable: Wording(
        "{path} cannot be written[: {reason}].",
        "Nothing is left of it. Look at the permissions and the room there, or name another place with --output.",
        "cannot be written",
    ),
    bundle.BundleEmpty: Wording(
        "The project {project} has no service with an image that could be put into a bundle.",
        "Profiles leave services out: --profile takes them in.",
        "no image to put into it",
    ),
    bundle.BundleLeftOut: Wording(
        "{service} is not in the bundle: the files say that its image is built, or never pulled, or it has none.",
        "What is to come from a bundle needs an 'image', and no such 'pull_policy'.",
        "not in the bundle",
    ),
    bundle.BundleAmbiguous: Wording(
        "{services:list} have different images under one tag, {reference:ref}, by their digests.",
        "A bundle has one image for each tag: say another tag for one of them.",
        "one tag for different images",
    ),
    bundle.BundlePinned: Wording(
        "{service} has its image by digest alone ({reference:ref}), and no engine takes that from an archive: what it"
        " loads has a tag.",
        "Say a tag for it in the bundle: {service}=TAG.",
        "pinned by digest alone",
    ),
    bundle.BundleUnpinned: Wording(
        "{service} is pinned by digest. In the bundle its image is {reference:ref} without the digest, and the bundle's"
        " files say so.",
        "No engine takes a digest from an archive. The image itself is the one that was pinned.",
        "not pinned in the bundle",
    ),
    bundle.BundleNotWhole: Wording(
        "What the engine has saved [of {reference:ref} // of the images] is not what it has[: {reason}].",
        "Nothing is left of the bundle. Try again; the engine's log may tell why: <engine-log>.",
        "the engine has not saved it whole",
    ),
    bundle.BundleFilesLarge: Wording(
        "The project's files have {size:size}; a bundle takes {most:size} of them.",
        "Make it with --images-only, and bring the files another way.",
        "the project's files are too large",
    ),
    bundle.BundleSecrets: Wording(
        "The bundle has {files:list} in it, which may hold passwords.",
        "Keep it as private as they are: only you may read it where it is written, but a USB stick knows no owners."
        " --images-only leaves all files out.",
        "has files that may hold passwords",
    ),
    bundle.BundleFilesOutside: Wording(
        "The project reads {files:list}, outside its folder {folder}: the bundle does not have that.",
        "It can update the project where that runs already. A first install needs all files in one folder.",
        "files outside the project's folder",
    ),
    bundle.BundleMounts: Wording(
        "Services mount {files:list} from the project's folder. What is mounted is not in the bundle.",
        "An update needs none of it. For a first install bring it to the server as well.",
        "what is mounted is not in the bundle",
    ),
    bundle.BundleMountsLacking: Wording(
        "Services mount {files:list} from the project's folder, and the bundle {path} does not have that.",
        "Unpack the files with <unpack-bundle>, bring these beside them, and install that folder with the bundle after"
        " --from.",
        "mounted files are not in the bundle",
    ),
    bundle.BundleVariables: Wording(
        "The project takes {variables:list} from this shell. Values from a shell are not put into a bundle.",
        "Set them where the bundle is used, or write them into the .env file.",
        "variables from this shell",
    ),
    bundle.BundleForeign: Wording(
        "{path} is an archive of images, and no bundle: it has no project that could be installed.",
        "Name the project, and the archive after --from.",
        "no bundle",
    ),
    bundle.BundleByName: Wording(
        "[{path} // That] is an archive: it is installed without a form.",
        "Leave, and type: <install-bundle>.",
        "an archive is installed without a form",
    ),
    bundle.BundleNewer: Wording(
        "The bundle {path} was made by a later version of ws9tui.", "Use that version here, too.", "of a later version"
    ),
    bundle.BundlePlatform: Wording(
        "The bundle {path} is for {platform}, and this engine is {engine}.",
        "Make one on a machine whose engine is {engine}: it has what that machine runs.",
        "for another platform",
    ),
    bundle.BundleOtherProject: Wording(
        "The bundle {path} was made of the project {name}, and this is {project}.",
        "Its images go to the services of the same names. Cancel if another project is meant.",
        "of another project",
    ),
    bundle.BundleServicesUnknown: Wording(
        "The bundle has images for {services:list}, which {project} has not.",
        "Only the images come with an update. For new services change the project's files first.",
        "services that are not here",
    ),
    bundle.BundleWithoutFiles: Wording(
        "The bundle {path} was made without the project's files.",
        "Name the project's folder, and the bundle after --from.",
        "has no files",
    ),
    bundle.BundleFilesLacking: Wording(
        "The bundle {path} cannot be installed from: the project also reads {files:list}, which it does not have.",
        "Bring the files yourself, name their folder, and the bundle after --from.",
        "has not all files",
    ),
    bundle.BundleFile: Wording("[{file}: ]it comes from the bundle.", "", "from the bundle"),
    bundle.BundleDigest: Wording(
        "[{service}: its // Its] digest is the one that the bundle[ {archive}] names[ ({digest:digest})], and its"
        " content is that of this digest.",
        "",
        "digest as the bundle names it",
    ),
}
