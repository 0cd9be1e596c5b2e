"""Reasons about engines, Compose, registries, logins and other programs, where these give no text of their own."""

from __future__ import annotations

from ws9tui.problems.problem import Reason

# --- engines and Compose


class Unfinished(Reason):
    seconds: float


class OutputNotJson(Reason): ...


class DollarLiteral(Reason):
    place: str


class ApiUnsupported(Reason):
    version: str


class HttpStatus(Reason):
    status: int


class CertificatesLacking(Reason):
    folder: str
    files: str


class ContextUnknown(Reason):
    name: str


class ContextUnreadable(Reason):
    name: str


class RegistryGaveNoAnswer(Reason): ...


class AnswerOfNoEngine(Reason):
    error: str


class SshAddressExpected(Reason): ...


class ForwardingForbidden(Reason): ...


class ShellPrints(Reason): ...


class ImageOfProjectMissing(Reason): ...


class ImageMissing(Reason):
    image: str


# --- probes, notifications and acceptance checks


class NoAnswerWithin(Reason):
    seconds: float


class NoEndWithin(Reason):
    seconds: float


class RedirectsToNoHttp(Reason): ...


class RedirectsWithoutEnd(Reason): ...


class RedirectsToOtherScheme(Reason): ...


class NotHttp(Reason): ...


class ItsContainerStopped(Reason): ...


class NotOfThisVersion(Reason): ...


class ExitStatus(Reason):
    status: int


class NoHttpClient(Reason): ...


class TlsUnspoken(Reason): ...


class NoAnswer(Reason): ...


class OtherAnswer(Reason): ...


# --- external programs


class NotInstalled(Reason): ...


class SettingsUnusable(Reason): ...


class ExitedWithStatus(Reason):
    status: int


class ImageNotNamed(Reason): ...


class ReportTooLong(Reason): ...


class NoReport(Reason): ...


class DigestNotKnown(Reason): ...


# --- registries


class TimedOut(Reason): ...


class OnServerOfEngine(Reason): ...


class NameNotKnown(Reason): ...


class TokenServiceUnsafe(Reason): ...


class TokenLoginRefused(Reason): ...


class TokenLoginRequired(Reason): ...


class TokenMissing(Reason): ...


class AddressUnsafe(Reason): ...


class LoginRequired(Reason): ...


class TlsRequired(Reason): ...


class TagsInvalid(Reason): ...


class ManifestOfNoImage(Reason): ...


class ConfigurationUnnamed(Reason): ...


class AnswerOfNoImage(Reason): ...


class DigestSent(Reason):
    digest: str


class DigestIs(Reason):
    digest: str


class CertificateUntrusted(Reason): ...


class AddressInvalid(Reason): ...


class NotInTime(Reason): ...


class LongerThan(Reason):
    size: int


class DateMissing(Reason): ...


class PlatformOther(Reason):
    platforms: str
    engine: str


class PlatformOfFile(Reason):
    file: str
    platforms: str
    engine: str


# --- logins


class LoginUnusable(Reason):
    file: str


class HelperMissing(Reason):
    helper: str


class HelperFailed(Reason):
    helper: str


class HelperGaveNone(Reason):
    helper: str


class HelperSilent(Reason):
    helper: str


class RefusedWithLogin(Reason):
    said: str
    login: Reason
