"""Pengaturan: electronic signatures. Held, passphrase and NIK are written here and never shown again."""

from __future__ import annotations

from typing import ClassVar

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.nik import Nik
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.letters.keep_signing import SigningOverview
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.readers import read_file
from ui.presenters.settings.section import Kind, Section, SettingField


class _SigningSection(Section[SigningOverview]):
    """Base: the settings as they may be shown."""

    permission = Permission.KEEP_PROFILE

    def read(self) -> SigningOverview:
        """Return what is set."""
        return self.context.office.signing_setup.overview()

    def _noted(self, name: str, kind: Kind, is_there: object, hint: str = "", column: int = 0) -> SettingField:
        """Return the field of a file or a secret; what is kept of it is only told in a note."""
        note = message(f"pengaturan.{name}_there" if is_there else f"pengaturan.{name}_missing")
        return self.text(name, hint=hint, note=note, kind=kind, column=column)


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
        kept = self.kept
        way = ((message("pengaturan.way"), message(f"pengaturan.way_{kept.way.value}")),)
        ready = message("pengaturan.ready" if kept.is_complete else "pengaturan.not_ready")
        facts = (*way, (message("pengaturan.state"), ready))
        return (
            self.text("url", kept.url, "url_hint"),
            self.text("user", kept.user),
            self._noted("secret", Kind.SECRET, kept.has_secret),
            self._noted("ca", Kind.FILE, kept.has_ca, "pem_hint"),
            SettingField("way", Kind.FACTS, message("pengaturan.now"), facts=facts, column=1),
        )

    def keep(self) -> Message:
        """Keep the service; without a new file its authority is the system's."""
        typed, path = self.typed, self.typed.get("ca", "").strip()
        url, user = typed.get("url", self.kept.url), typed.get("user", self.kept.user)
        ca = _pem_of(path) if path else None
        self.context.office.signing_setup.set_service(url, user, typed.get("secret", ""), ca)
        return message("pengaturan.tte_saved")


class SignersSection(_SigningSection):
    """By which NIK the service knows those who sign."""

    name = "signers"

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
            for user, nik in self.kept.signers
        )
        name = next((user.name for user, _ in self.kept.signers if user.user_id == self._chosen), "–")
        label = message("pengaturan.nik", name=name)
        note = message("pengaturan.nik_note" if lines else "pengaturan.no_signers")
        return (
            SettingField("signers", Kind.LINES, message("pengaturan.signers_list"), lines=lines),
            SettingField("nik", Kind.TEXT, label, self.typed.get(self._chosen, ""), note=note, column=1),
        )

    def place_of(self, problem: Problem) -> str:
        """A NIK that cannot be stands under its field."""
        return "nik" if problem.code.startswith("nik.") else ""

    def keep(self) -> Message:
        """Keep every NIK that was typed."""
        typed = {signer: nik for signer, nik in self.typed.items() if nik.strip()}
        for nik in typed.values():
            Nik.parse(nik)  # all of them before the first is kept
        for signer, nik in typed.items():
            self.context.office.signing_setup.set_nik(signer, nik)
        return message("pengaturan.signers_saved")

    @property
    def _chosen(self) -> str:
        known, line = [user.user_id for user, _ in self.kept.signers], self.cursors.get("signers", "")
        return line if line in known else next(iter(known), "")


class CertificateSection(_SigningSection):
    """The office's own certificate, and the authorities whose signatures this laptop trusts."""

    name = "sertifikat"
    places: ClassVar[dict[str, str]] = {"tte.certificate_unreadable": "certificate", "tte.trust_unreadable": "trust"}

    def fields(self) -> tuple[SettingField, ...]:
        """Return the paths of both files."""
        return (
            self._noted("certificate", Kind.FILE, self.kept.has_certificate, "p12_hint"),
            self.text("passphrase", note=message("pengaturan.passphrase_note"), kind=Kind.SECRET),
            self._noted("trust", Kind.FILE, self.kept.has_trust, "pem_hint", column=1),
        )

    def keep(self) -> Message:
        """Keep the files that were named; the authority of the certificate is trusted too."""
        trust, certificate, passphrase = (self.typed.get(name, "") for name in ("trust", "certificate", "passphrase"))
        if not trust.strip() and not certificate.strip():
            raise InputError("signing.no_file")
        setup = self.context.office.signing_setup
        pem = _pem_of(trust.strip()) if trust.strip() else ""
        setup.check_trust(pem)  # before anything is kept
        told, issuer = message("pengaturan.trust_saved"), ""
        if certificate.strip():
            found = setup.set_certificate(read_file(certificate.strip())[1], passphrase)
            told, issuer = message("pengaturan.certificate_saved", name=found.name), found.issuer
        if trust.strip():
            setup.set_trust(f"{pem}\n{issuer}")
        return told


def _pem_of(path: str) -> str:
    """Return the text of a file of certificates. Raise `InputError`."""
    try:
        return read_file(path)[1].decode("ascii")
    except UnicodeDecodeError as error:
        raise InputError("tte.trust_unreadable") from error
