from __future__ import annotations

import os
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag

from fieldkit.domain.errors import VaultError
from fieldkit.domain.people import Role, User
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import passphrases, slot_seal
from fieldkit.vault.passphrases import Hardness, Pin
from fieldkit.vault.slot_seal import Inside

SITI = User("u-2", "Siti", Role.PETUGAS_PEREKAMAN)
KEY, NEXT = os.urandom(32), os.urandom(32)
KDF = passphrases.new_kdf(Hardness(64, 1, 1))
CIPHER = passphrases.cipher_of("kopi pagi di balai", KDF)
INSIDE = Inside((KEY,), SigningKey(b"certificate", b"private"), Pin.of("204060"))


def test_what_is_closed_opens() -> None:
    slot = slot_seal.closed("KIT-07", SITI, KDF, CIPHER, INSIDE)
    opened = slot_seal.opened("KIT-07", slot, CIPHER)
    assert (opened.db_keys, opened.signing_key, opened.pin) == (INSIDE.db_keys, INSIDE.signing_key, INSIDE.pin)
    assert len(opened.seed) == 32
    again = slot_seal.closed("KIT-07", SITI, KDF, CIPHER, opened)
    assert again.recipient == slot.recipient  # the identity stays the user's
    assert "db_keys=" not in repr(opened)
    assert "seed=" not in repr(opened)
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        slot_seal.opened("KIT-07", replace(slot, links=()), CIPHER)


def test_links_lead_from_key_to_key() -> None:
    slot = slot_seal.closed("KIT-07", SITI, KDF, CIPHER, INSIDE)
    link = slot_seal.link("KIT-07", SITI, slot.recipient, KEY, NEXT)
    opened = slot_seal.opened("KIT-07", replace(slot, links=(*slot.links, link)), CIPHER)
    assert opened.db_keys == (KEY, NEXT)


@pytest.mark.parametrize("kit", ["KIT-07", "KIT-08"])
def test_a_link_of_who_does_not_know_the_key_leads_nowhere(kit: str) -> None:
    slot = slot_seal.closed("KIT-07", SITI, KDF, CIPHER, INSIDE)
    before = KEY if kit == "KIT-08" else os.urandom(32)
    link = slot_seal.link(kit, SITI, slot.recipient, before, NEXT)
    with pytest.raises(VaultError, match=r"vault\.slots_damaged"):
        slot_seal.opened("KIT-07", replace(slot, links=(link,)), CIPHER)


def test_the_recipient_stands_under_a_mac_of_the_stores_key() -> None:
    slot = slot_seal.closed("KIT-07", SITI, KDF, CIPHER, INSIDE)
    assert slot_seal.has_true_recipient([NEXT, KEY], "KIT-07", slot)
    assert not slot_seal.has_true_recipient([NEXT], "KIT-07", slot)
    assert not slot_seal.has_true_recipient([KEY], "KIT-07", replace(slot, recipient="age1pq1other"))


def test_a_slot_is_bound_to_kit_and_user() -> None:
    slot = slot_seal.closed("KIT-07", SITI, KDF, CIPHER, INSIDE)
    for kit, user in (("KIT-08", SITI), ("KIT-07", replace(SITI, role=Role.ADMIN_DINAS))):
        with pytest.raises(InvalidTag):
            slot_seal.opened(kit, replace(slot, user=user), CIPHER)
    # What every version of the program closed its slots with: another word would keep everybody out of older kits.
    for version, kind in ((1, slot_seal._OLD), (2, slot_seal._NEW)):
        stated = f'["fieldkit keyslot", {version}, "KIT-07", "u-2", "Siti", "petugas_perekaman"]'
        assert slot_seal._bound(kind, "KIT-07", SITI) == stated.encode()
