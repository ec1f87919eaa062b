"""Builds what talks to the data center for a signed-in user: the engine, the carrier and who keeps new certificates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from random import SystemRandom

from fieldkit import VERSION
from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.domain.errors import VaultError
from fieldkit.ports.clock import Clock
from fieldkit.ports.outbox import Outbox
from fieldkit.ports.store import Store
from fieldkit.services.delivery.vouch_records import StoredVouches
from fieldkit.storage.anchor_book import StoredAnchors
from fieldkit.vault.certificates import certificate_key, make_csr, valid_until
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.jws import JwsSigner, JwsVerifier
from fieldkit.vault.keyslots import OpenSlot
from sync.kit.anchoring import Anchoring
from sync.kit.carrying import CarryingEngine
from sync.kit.connection import Connection, pinned_context
from sync.kit.engine import SyncEngine
from sync.kit.pulling import Pulling
from sync.kit.renewing import Renewable, Renewing
from sync.kit.team import TeamExchange
from sync.kit.transport import DataCenterLink
from sync.kit.vouching import Vouching
from sync.protocol.messages import RENEWAL_TYP, RenewalRequest, RenewalWord

# So long before the end that a kit which meets the data center twice a year is in time.
KIT_AHEAD, USER_AHEAD = timedelta(days=180), timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Wired:
    """Delivery over one link; `close` hangs up."""

    engine: SyncEngine
    carrier: CarryingEngine
    close: Callable[[], None]


def wire_delivery(
    settings: KitSettings,
    store: Store,
    outbox: Outbox,
    clock: Clock,
    opened: OpenSlot,
    keep_users: Callable[[bytes], None],
    pulling: Pulling | None = None,
    team: TeamExchange | None = None,
) -> Wired:
    """Build delivery; `keep_users` puts a new certificate (DER) of the signed-in user into the key slots.

    `pulling` fetches what the office sent down, `team` what the other laptops of the team tell.
    """
    signer, random = JwsSigner(settings.kit_private, settings.kit_id), SystemRandom()
    receipts = JwsVerifier.of_key(settings.receipt_public_key)
    link = DataCenterLink(
        Connection(settings.gateway_url, pinned_context(settings.ca_certificate)),
        settings.kit_id,
        signer,
        clock,
        VERSION,
        settings.gateway_name,
    )
    days = settings.profile.get("retention_days")
    certificates = Certificates(settings, store, clock, opened, keep_users)
    engine = SyncEngine(
        outbox,
        link,
        receipts,
        clock,
        random,
        timedelta(days=float(days)) if days is not None else None,
        Anchoring(StoredAnchors(store), JwsVerifier.of_certificate(settings.kit_certificate)),
        Renewing([certificates.of_kit(), certificates.of_user()]),
        pulling,
        team,
        Vouching(StoredVouches(store)),
    )
    return Wired(engine, CarryingEngine(link, receipts, clock), link.close)


class Certificates:
    """The kit's and the user's certificate as they are renewed; the keys stay the same."""

    def __init__(
        self,
        settings: KitSettings,
        store: Store,
        clock: Clock,
        opened: OpenSlot,
        keep_users: Callable[[bytes], None],
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._opened, self._keep_users = opened, keep_users
        self._of_user = opened.signing_key.certificate_der
        self._asked_at = clock.now()

    def of_kit(self) -> Renewable:
        """Return how the kit's certificate is renewed."""

        def request(at: datetime) -> RenewalRequest:
            self._asked_at = at
            return RenewalRequest(csr=make_csr(self._settings.kit_private))

        def keep(certificate: bytes) -> None:
            self._demand(certificate, self._settings.kit_certificate, self._settings.kit_id)
            # What the office changed meanwhile stays.
            self._settings = KitSettings.load(self._store).model_copy(update={"kit_certificate": certificate})
            self._settings.save(self._store)
            self._note(self._settings.kit_id, certificate)

        return Renewable(lambda: valid_until(self._settings.kit_certificate), KIT_AHEAD, request, keep)

    def of_user(self) -> Renewable:
        """Return how the certificate of the signed-in user is renewed, on the word of the key that ends."""
        user_id, private = self._opened.user.user_id, self._opened.signing_key.private_der

        def request(at: datetime) -> RenewalRequest:
            self._asked_at = at
            csr = make_csr(private)
            word = RenewalWord(user_id=user_id, kit=self._settings.kit_id, csr_sha256=sha256(csr).hexdigest(), at=at)
            signed = JwsSigner(private, user_id).sign(word.model_dump(mode="json"), RENEWAL_TYP)
            return RenewalRequest(csr=csr, word=signed)

        def keep(certificate: bytes) -> None:
            self._demand(certificate, self._of_user, user_id)
            self._keep_users(certificate)
            self._of_user = certificate
            self._note(user_id, certificate)

        return Renewable(lambda: valid_until(self._of_user), USER_AHEAD, request, keep, "sync.user_over")

    def _demand(self, new: bytes, old: bytes, holder: str) -> None:
        """Raise `VaultError` unless the dinas gave it to the same holder for the same key, by the server's clock."""
        signer = verify_signer(new, [self._settings.ca_certificate], self._asked_at)
        if signer.signer_id != holder or certificate_key(new) != certificate_key(old):
            raise VaultError("vault.certificate")

    def _note(self, holder: str, certificate: bytes) -> None:
        with self._store.write() as unit:
            said = {"ends": valid_until(certificate).isoformat(), "sha256": sha256(certificate).hexdigest()}
            unit.events.append("certificate_renewed", holder, said, "sync", self._clock.now())
