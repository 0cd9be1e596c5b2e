"""Reasons about files and archives, about existing or missing objects, and about what the operator typed."""

from __future__ import annotations

from ws9tui.problems.problem import Reason

# --- files


class NotAFile(Reason): ...


class TooLarge(Reason): ...


class NotUtf8(Reason): ...


class NotUtf8Text(Reason): ...


class NestedTooDeeply(Reason): ...


class NotAMapping(Reason): ...


class NotAnObject(Reason): ...


class TagWouldBecome(Reason):
    value: str


class ContentNotWritten(Reason): ...


class ContentNotRecorded(Reason): ...


# --- archives


class CutShort(Reason): ...


class HeaderDamaged(Reason): ...


class HeaderTooLong(Reason):
    size: int


class HeadersTooMany(Reason): ...


class SparseFile(Reason): ...


class UnpacksToMore(Reason):
    size: int
    unpacked: int


class EndsBeforeList(Reason): ...


class MemberMissing(Reason):
    member: str


class MemberChanged(Reason):
    member: str


class MemberUnclear(Reason):
    member: str


class MemberNotJson(Reason):
    member: str


class MemberTwice(Reason):
    member: str


class MemberTooLarge(Reason):
    member: str


class MemberCutShort(Reason):
    member: str
    done: int
    size: int


class DigestOther(Reason):
    member: str


class ChecksumOther(Reason):
    member: str


class WrittenOther(Reason):
    member: str


class LayersOther(Reason):
    member: str
    layers: int
    listed: int


class LinkLoop(Reason):
    member: str


class ImagesUnclear(Reason): ...


class ListTooLarge(Reason): ...


class MembersTooMany(Reason): ...


class ContentsDamaged(Reason): ...


class MethodUnknown(Reason):
    method: int


# --- existing or missing objects


class OneGone(Reason): ...


class RunsOtherImage(Reason):
    container: str


class NoContainer(Reason): ...


class GoneMeanwhile(Reason): ...


class UnnamedVolume(Reason):
    subpath: str


class MountOfKind(Reason):
    kind: str
    subpath: str


class ProgramOfServer(Reason): ...


class OverSsh(Reason):
    peer: str
    terminal: str


class DeviceOfServer(Reason):
    device: str


class OfServer(Reason): ...


class NoFolderThere(Reason): ...


# --- input of the operator


class TwoProjects(Reason):
    name: str
    other: str


class ServiceExpected(Reason):
    argument: str


class AnswersExpected(Reason): ...


class ValueExpected(Reason): ...


class NoChannel(Reason):
    name: str
    known: str


class Sha256Expected(Reason): ...


class ArchivesExpected(Reason): ...


class TextExpected(Reason):
    key: str


class LineExpected(Reason):
    key: str


class KeyNotText(Reason): ...


class KeyNotLine(Reason): ...


class KeyUnknown(Reason):
    key: str
    known: str


class KeyTwice(Reason):
    key: str


class PlainTextExpected(Reason): ...


class PortExpected(Reason):
    last: int


class PathExpected(Reason): ...


class ValueOfOther(Reason):
    name: str
