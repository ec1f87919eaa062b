"""Pengaturan: electronic signatures. Held, passphrase and NIK are written here and never shown again."""

from __future__ import annotations

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.letters.keep_signing import SigningOverview
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.readers import answer, read_file
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

    def _pem(self, name: str) -> str:
        """Return the certificates in the file that a field names, "" without one. Raise `InputError`."""

        def read(path: str) -> str:
            try:
                pem = read_file(path)[1].decode("ascii") if path else ""
            except UnicodeDecodeError as error:
                raise InputError("tte.trust_unreadable") from error
            self.context.office.signing_setup.check_trust(pem)
            return pem

        return answer({name: self.typed.get(name, "")}, name, read)


class SigningServiceSection(_SigningSection):
    """The signing service of BSrE."""

    name = "tte"

    def fields(self) -> tuple[SettingField, ...]:
        """Return address, user, secret and authority."""
        kept = self.kept
        way = ((message("pengaturan.way"), message(f"pengaturan.way_{kept.way.value}")),)
        ready = message("pengaturan.ready" if kept.is_complete else "pengaturan.not_ready")
        facts = (*way, (message("common.state"), ready))
        return (
            self.text("url", kept.url, "url_hint"),
            self.text("user", kept.user),
            self._noted("secret", Kind.SECRET, kept.has_secret),
            self._noted("ca", Kind.FILE, kept.has_ca, "pem_hint"),
            SettingField("way", Kind.FACTS, message("common.now"), facts=facts, column=1),
        )

    def keep(self) -> Message:
        """Keep the service; without a new file its authority is the system's."""
        typed = self.typed
        url, user = typed.get("url", self.kept.url), typed.get("user", self.kept.user)
        self.context.office.signing_setup.set_service(url, user, typed.get("secret", ""), self._pem("ca") or None)
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

    def keep(self) -> Message:
        """Keep every NIK that was typed."""
        typed = {signer: nik for signer, nik in self.typed.items() if nik.strip()}
        for nik in typed.values():
            answer({"nik": nik}, "nik", Nik.parse)  # all of them before the first is kept
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
        pem = self._pem("trust")  # before anything is kept
        told, issuer = message("pengaturan.trust_saved"), ""
        if certificate.strip():
            keep = setup.set_certificate
            found = answer(self.typed, "certificate", lambda path: keep(read_file(path)[1], passphrase))
            told, issuer = message("pengaturan.certificate_saved", name=found.name), found.issuer
        if trust.strip():
            setup.set_trust(f"{pem}\n{issuer}")
        return told
