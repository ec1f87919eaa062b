"""Whether who opened a key slot is who the dinas says, and counts now."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.slot_marks import demand_latest
from fieldkit.domain.errors import StoreError, VaultError
from fieldkit.ports.store import Store
from fieldkit.services.office_bundles import shut_out
from fieldkit.vault.certificates import serial_number
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.keyslots import OpenSlot
from fieldkit.vault.slot_certificates import demand_certified


def demand_slot(store: Store, opened: OpenSlot, now: datetime) -> None:
    """Refuse a slot that was closed anew since, or that says what no certificate says; the log has a row of the latter.

    Raise `VaultError` `vault.slot_replaced` or `vault.slot_uncertified`.
    """
    demand_latest(store, opened)
    user, authority = opened.user, KitSettings.load(store).ca_certificate
    try:
        demand_certified(user, opened.signing_key, [authority], now)
    except VaultError:
        with suppress(StoreError), store.write() as unit:  # a full disk refuses as well
            unit.events.append("slot_refused", user.user_id, {"role": user.role.value}, user.user_id, now)
        raise


def demand_standing(store: Store, opened: OpenSlot, now: datetime) -> None:
    """Refuse whose certificate does not count now: what it signs would be refused where the record is opened.

    Raise `VaultError` `vault.cms_certificate`, or by which code the office shut somebody out.
    """
    settings, certificate = KitSettings.load(store), opened.signing_key.certificate_der
    verify_signer(certificate, [settings.ca_certificate], now)
    serials = serial_number(settings.kit_certificate), serial_number(certificate)
    with store.read() as unit:
        why = shut_out(unit, opened.user.user_id, *serials)
    if why is not None:
        raise VaultError(why.code, recovery=why.recovery)
