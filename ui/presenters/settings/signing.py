"""Pengaturan: electronic signatures. Held, passphrase and NIK are written here and never shown again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.letters.signing import SigningWay
from fieldkit.domain.nik import Nik
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.keep_signing import SigningOverview
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.readers import read_file
from ui.presenters.settings.section import Kind, Section, SettingField

_NOTHING = SigningOverview(SigningWay.BSRE, "", "", False, False, False, False, ())


class _SigningSection(Section[SigningOverview]):
    """Base: the settings as they may be shown."""

    permission = Permission.KEEP_PROFILE

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._kept = _NOTHING

    def read(self) -> SigningOverview:
        """Return what is set."""
        return self.context.office.signing_setup.overview()

    def take(self, kept: SigningOverview) -> None:
        """Show what is set."""
        self._kept, self.typed = kept, {}

    def _typed(self, name: str, kept: str = "") -> str:
        return self.typed.get(name, kept)

    def _noted(self, name: str, kind: Kind, note: Message, hint: str = "") -> SettingField:
        """Return the field of a file or a secret; what is kept of it is only told in a note."""
        return replace(self.text(name, kind=kind, hint=message(f"pengaturan.{hint}") if hint else ""), note=note)


class SigningServiceSection(_SigningSection):
    """The signing service of BSrE."""

    name = "tte"
    places: ClassVar[dict[str, str]] = {
        "tte.address_wrong": "url",
        "tte.tls_required": "url",
        "tte.trust_unreadable": "ca",
        "list.unreadable": "ca",
    }

    def fields(self) -> tuple[SettingField, ...]:
        """Return address, user, secret and authority."""
        kept = self._kept
        way = ((message("pengaturan.way"), message(f"pengaturan.way_{kept.way.value}")),)
        ready = message("pengaturan.ready" if kept.is_complete else "pengaturan.not_ready")
        facts = (*way, (message("pengaturan.state"), ready))
        return (
            self.text("url", kept.url, message("pengaturan.url_hint")),
            self.text("user", kept.user),
            self._noted("secret", Kind.SECRET, _is_there("secret", kept.has_secret)),
            self._noted("ca", Kind.FILE, _is_there("ca", kept.has_ca), "pem_hint"),
            SettingField("way", Kind.FACTS, message("pengaturan.now"), facts=facts, column=1),
        )

    def keep(self) -> Callable[[], Message]:
        """Return what keeps the service; without a new file its authority is the system's."""
        url, user = self._typed("url", self._kept.url), self._typed("user", self._kept.user)
        secret, path = self._typed("secret"), self._typed("ca").strip()

        def kept() -> Message:
            ca = _pem_of(path) if path else None
            self.context.office.signing_setup.set_service(url, user, secret, ca)
            return message("pengaturan.tte_saved")

        return kept


class SignersSection(_SigningSection):
    """By which NIK the service knows those who sign."""

    name = "signers"

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._signer = ""

    def point(self, name: str, line: str) -> bool:
        """Let the field be that of another signer."""
        if name == "signers" and line != self._signer:
            self._signer = line
            return True
        return False

    def type(self, name: str, text: str) -> None:
        """Take the NIK of the signer under the cursor."""
        if name == "nik" and self._chosen:
            super().type(self._chosen, text)

    def fields(self) -> tuple[SettingField, ...]:
        """Return the signers and the NIK of the one under the cursor."""
        lines = tuple(
            Line(
                user.user_id,
                user.name,
                nik or message("pengaturan.nik_missing"),
                tag=Tag(message("pengaturan.edited"), Tone.CAUTION) if self.typed.get(user.user_id) else None,
            )
            for user, nik in self._kept.signers
        )
        name = next((user.name for user, _ in self._kept.signers if user.user_id == self._chosen), "–")
        label = message("pengaturan.nik", name=name)
        note = message("pengaturan.nik_note" if lines else "pengaturan.no_signers")
        return (
            SettingField("signers", Kind.LINES, message("pengaturan.signers_list"), lines=lines),
            SettingField("nik", Kind.TEXT, label, self._typed(self._chosen), note=note, column=1),
        )

    def place_of(self, problem: Problem) -> str:
        """A NIK that cannot be stands under its field."""
        return "nik" if problem.code.startswith("nik.") else ""

    def keep(self) -> Callable[[], Message]:
        """Return what keeps every NIK that was typed."""
        typed = {signer: nik for signer, nik in self.typed.items() if nik.strip()}

        def kept() -> Message:
            for nik in typed.values():
                Nik.parse(nik)  # all of them before the first is kept
            for signer, nik in typed.items():
                self.context.office.signing_setup.set_nik(signer, nik)
            return message("pengaturan.signers_saved")

        return kept

    @property
    def _chosen(self) -> str:
        known = [user.user_id for user, _ in self._kept.signers]
        return self._signer if self._signer in known else next(iter(known), "")


class CertificateSection(_SigningSection):
    """The office's own certificate, and the authorities whose signatures this laptop trusts."""

    name = "sertifikat"
    places: ClassVar[dict[str, str]] = {"tte.certificate_unreadable": "certificate", "tte.trust_unreadable": "trust"}

    def fields(self) -> tuple[SettingField, ...]:
        """Return the paths of both files."""
        kept = self._kept
        return (
            self._noted("certificate", Kind.FILE, _is_there("certificate", kept.has_certificate), "p12_hint"),
            self._noted("passphrase", Kind.SECRET, message("pengaturan.passphrase_note")),
            replace(self._noted("trust", Kind.FILE, _is_there("trust", kept.has_trust), "pem_hint"), column=1),
        )

    def keep(self) -> Callable[[], Message]:
        """Return what keeps the files that were named; the authority of the certificate is trusted too."""
        trust, certificate = self._typed("trust").strip(), self._typed("certificate").strip()
        passphrase = self._typed("passphrase")

        def kept() -> Message:
            if not trust and not certificate:
                raise InputError("signing.no_file")
            setup = self.context.office.signing_setup
            pem = _pem_of(trust) if trust else ""
            setup.check_trust(pem)  # before anything is kept
            told, issuer = message("pengaturan.trust_saved"), ""
            if certificate:
                found = setup.set_certificate(read_file(certificate)[1], passphrase)
                told, issuer = message("pengaturan.certificate_saved", name=found.name), found.issuer
            if trust:
                setup.set_trust(f"{pem}\n{issuer}")
            return told

        return kept


def _is_there(name: str, there: object) -> Message:
    return message(f"pengaturan.{name}_there" if there else f"pengaturan.{name}_missing")


def _pem_of(path: str) -> str:
    """Return the text of a file of certificates. Raise `InputError`."""
    try:
        return read_file(path)[1].decode("ascii")
    except UnicodeDecodeError as error:
        raise InputError("tte.trust_unreadable") from error
