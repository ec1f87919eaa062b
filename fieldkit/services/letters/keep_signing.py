"""Keep how this kit signs letters: the service, whom it trusts, the office's certificate, the signers' NIK.

All of it lies in the encrypted store. The secret and the NIK are written here and never shown again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.letter import SigningSettings, SigningWay
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Permission, User
from fieldkit.ports.store import Unit
from fieldkit.ports.vault import OfficeCertificate, SigningBench
from fieldkit.services.unit_of_work import UnitsOfWork

_NAME = "signing"
_OWNER = "signing"  # of the certificate's file
_PKCS12 = "application/x-pkcs12"


@dataclass(frozen=True, slots=True)
class SigningOverview:
    """The settings as they may be shown: what is set, no secret, NIK masked."""

    way: SigningWay
    url: str
    user: str
    has_secret: bool
    has_ca: bool
    has_trust: bool
    has_certificate: bool
    signers: tuple[tuple[User, str], ...]  # those who may sign, and their masked NIK, "" without one

    @property
    def is_complete(self) -> bool:
        """Whether somebody can sign."""
        if self.way is SigningWay.OFFICE:
            return self.has_certificate
        return bool(self.url and self.user and any(nik for _, nik in self.signers))


class KeepSigning:
    """The settings of electronic signatures."""

    def __init__(self, units: UnitsOfWork, bench: SigningBench) -> None:
        self._units, self._bench = units, bench

    def overview(self) -> SigningOverview:
        """Return the settings as they may be shown."""
        with self._units.read() as unit:
            kept = settings_in(unit)
            signers = [user for user in unit.users() if user.may(Permission.SIGN)]
        return SigningOverview(
            kept.way,
            kept.url,
            kept.user,
            bool(kept.secret),
            bool(kept.ca),
            bool(kept.trust),
            bool(kept.certificate),
            tuple((user, _masked(kept.niks.get(user.user_id, ""))) for user in signers),
        )

    def set_service(self, url: str, user: str, secret: str = "", ca: str | None = "") -> None:
        """Sign by the service from now on; an empty secret keeps the former one.

        `ca` is PEM, "" = what the system trusts, None = as before.

        Raise `InputError("tte.address_wrong")`, `InputError("tte.trust_unreadable")`.
        """
        url = url.strip()
        if not url.startswith("https://") or len(url) < len("https://x"):
            raise InputError("tte.tls_required" if url.startswith("http://") else "tte.address_wrong").at("url")
        if ca is not None:
            self._bench.check_trust(ca)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            kept = settings_in(work.unit)
            changed = replace(
                kept,
                way=SigningWay.BSRE,
                url=url,
                user=user.strip(),
                secret=secret or kept.secret,
                ca=kept.ca if ca is None else ca.strip(),
            )
            _keep_settings(work.unit, changed)
            work.note("signing_set", _OWNER, way=changed.way.value, url=url)

    def check_trust(self, pem: str) -> None:
        """Raise `InputError("tte.trust_unreadable")` for what `set_trust` would not take."""
        self._bench.check_trust(pem)

    def set_trust(self, pem: str) -> None:
        """Trust the signers of these authorities. Raise `InputError("tte.trust_unreadable")`."""
        self._bench.check_trust(pem)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            _keep_settings(work.unit, replace(settings_in(work.unit), trust=pem.strip()))
            work.note("signing_trust_set", _OWNER)

    def set_nik(self, user_id: str, nik: str) -> None:
        """Note by which NIK the service knows a signer; "" forgets it. Raise `InputError("nik.…")`."""
        digits = Nik.parse(nik).digits if nik.strip() else ""
        with self._units.write(Permission.KEEP_PROFILE) as work:
            kept = settings_in(work.unit)
            niks = {known: other for known, other in kept.niks.items() if known != user_id}
            _keep_settings(work.unit, replace(kept, niks={**niks, user_id: digits} if digits else niks))
            work.note("signing_nik_set", _OWNER, signer=user_id)

    def set_certificate(self, pkcs12: bytes, passphrase: str) -> OfficeCertificate:
        """Sign with the office's certificate from now on, and trust its authority. The passphrase is not kept.

        Raise `InputError("tte.certificate_unreadable")`.
        """
        found = self._bench.certificate(pkcs12, passphrase)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            kept = settings_in(work.unit)
            if kept.certificate:
                work.unit.attachments.remove(kept.certificate)
            name = work.attach(_OWNER, "sertifikat-kantor.p12", _PKCS12, pkcs12)
            trust = kept.trust if found.issuer.strip() in kept.trust else f"{kept.trust}\n{found.issuer}".strip()
            _keep_settings(work.unit, replace(kept, way=SigningWay.OFFICE, certificate=name, trust=trust))
            work.note("signing_set", _OWNER, way=SigningWay.OFFICE.value)
        return found


def settings_in(unit: Unit) -> SigningSettings:
    """Return the settings within a transaction."""
    kept: Mapping[str, Any] = unit.settings.get(_NAME) or {}
    return SigningSettings(**{**kept, "way": SigningWay(kept.get("way", SigningWay.BSRE))})


def _keep_settings(unit: Unit, settings: SigningSettings) -> None:
    unit.settings.put(_NAME, {**asdict(settings), "way": settings.way.value})


def _masked(nik: str) -> str:
    return Nik.parse(nik).masked if nik else ""
