"""Messages about bundles: writing one, and what is wrong with a received one."""

from __future__ import annotations

from ws9tui.problems import bundle
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    bundle.BundleExists: Wording(
        "{path} already exists.",
        "Choose another file name, or replace it with --overwrite.",
        "already exists",
    ),
    bundle.BundleOverInput: Wording(
        "{path} is one of the files that go into the bundle.",
        "Choose another file name.",
        "one of the project's files",
    ),
    bundle.BundleIsFolder: Wording(
        "{path} is a folder.",
        "Give the name of a file in it.",
        "is a folder",
    ),
    bundle.BundleUnwritable: Wording(
        "{path} cannot be written[: {reason}].",
        "The unfinished bundle was removed. Check the permissions and the free space there, or choose another place"
        " with --output.",
        "cannot be written",
    ),
    bundle.BundleEmpty: Wording(
        "The project {project} has no service whose image can be bundled.",
        "Services of a profile are included only with --profile.",
        "no image to bundle",
    ),
    bundle.BundleLeftOut: Wording(
        "{service} is not in the bundle: in the files its image is built, is never pulled, or is not set.",
        "To include it, give it an 'image' and a 'pull_policy' that allows pulling.",
        "not in the bundle",
    ),
    bundle.BundleAmbiguous: Wording(
        "{services:list} use different images (by digest) under the same tag, {reference:ref}.",
        "A bundle can hold one image per tag: give one of them another tag.",
        "different images under one tag",
    ),
    bundle.BundlePinned: Wording(
        "{service} names its image only by digest ({reference:ref}). An engine loads images from an archive only by"
        " tag.",
        "Give it a tag in the bundle: {service}=TAG.",
        "pinned by digest only",
    ),
    bundle.BundleUnpinned: Wording(
        "{service} is pinned by digest. In the bundle its image is {reference:ref} without the digest, and so it is"
        " in the bundle's files.",
        "An engine takes no digest from an archive. The image itself is the one that was pinned.",
        "not pinned in the bundle",
    ),
    bundle.BundleNotWhole: Wording(
        "The engine did not save [{reference:ref} // the images] completely[: {reason}].",
        "The unfinished bundle was removed. Try again. If it happens again, check the engine's log: <engine-log>.",
        "not saved completely by the engine",
    ),
    bundle.BundleFilesLarge: Wording(
        "The project's files take {size:size}; a bundle can hold {most:size} of them.",
        "Create it with --images-only, and copy the files another way.",
        "the project's files are too large",
    ),
    bundle.BundleSecrets: Wording(
        "The bundle contains {files:list}, which may hold passwords.",
        "Keep it private: only you can read it where it is written, but a USB stick keeps no permissions."
        " --images-only leaves all files out.",
        "contains files that may hold passwords",
    ),
    bundle.BundleFilesOutside: Wording(
        "The project reads {files:list}, outside its folder {folder}. The bundle does not contain them.",
        "It can update the project where it already runs. For a first install, all files must be in one folder.",
        "files outside the project's folder",
    ),
    bundle.BundleMounts: Wording(
        "Services mount {files:list} from the project's folder. Mounted files are not in the bundle.",
        "An update does not need them. For a first install, copy them to the server as well.",
        "mounted files are not in the bundle",
    ),
    bundle.BundleMountsLacking: Wording(
        "Services mount {files:list} from the project's folder, and the bundle {path} does not contain them.",
        "Unpack the project's files with <unpack-bundle>, copy the mounted ones next to them, then install that"
        " folder and give the bundle with --from.",
        "mounted files are not in the bundle",
    ),
    bundle.BundleVariables: Wording(
        "The project takes {variables:list} from this shell. Values from a shell are not put into a bundle.",
        "Set them where the bundle is used, or write them into the .env file.",
        "variables from this shell",
    ),
    bundle.BundleForeign: Wording(
        "{path} is an image archive, not a bundle: it contains no project to install.",
        "Name the project, and give the archive with --from.",
        "not a bundle",
    ),
    bundle.BundleByName: Wording(
        "[{path} // This] is an archive. Archives are installed without this form.",
        "Quit, then run <install-bundle>.",
        "archives are installed without this form",
    ),
    bundle.BundleNewer: Wording(
        "The bundle {path} was made by a newer version of ws9tui.",
        "Use that version here too.",
        "made by a newer ws9tui",
    ),
    bundle.BundlePlatform: Wording(
        "The bundle {path} is for {platform}, but this engine is {engine}.",
        "Create a bundle on a machine whose engine is {engine}: it contains the images that run there.",
        "for another platform",
    ),
    bundle.BundleOtherProject: Wording(
        "The bundle {path} was made from the project {name}, but this project is {project}.",
        "Its images go to the services with the same names. Cancel if you meant another project.",
        "made from another project",
    ),
    bundle.BundleServicesUnknown: Wording(
        "The bundle has images for {services:list}, but {project} has no such services.",
        "An update only takes the images. To add services, change the project's files first.",
        "services that do not exist here",
    ),
    bundle.BundleWithoutFiles: Wording(
        "The bundle {path} contains no project files.",
        "Name the project's folder, and give the bundle with --from.",
        "contains no project files",
    ),
    bundle.BundleFilesLacking: Wording(
        "The bundle {path} cannot be installed: the project also needs {files:list}, and the bundle does not contain"
        " them.",
        "Copy these files yourself, name their folder, and give the bundle with --from.",
        "project files are missing",
    ),
    bundle.BundleFile: Wording(
        "[{file}: it // It] comes from the bundle.",
        brief="from the bundle",
    ),
    bundle.BundleDigest: Wording(
        "[{service}: its // Its] digest matches the bundle[ {archive}][ ({digest:digest})], and its content matches"
        " this digest.",
        brief="digest matches the bundle",
    ),
}
