from __future__ import annotations

from pathlib import Path

import pytest
from support.homes import ADMIN, PASSPHRASE, PIN, Office, opened
from support.room import LEAD, PETUGAS

from fieldkit.domain.errors import InputError, RuleError, VaultError
from fieldkit.vault.keyslots import KeySlotFile

NEW = "kunci lemari besi"


@pytest.mark.days
def test_accounts_are_the_slots_of_the_home(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS, LEAD)
    with opened(home, ADMIN) as context:
        context.accounts.disable(LEAD.user_id)
        assert [(each.user, each.is_disabled) for each in context.accounts.everybody()] == [
            (ADMIN, False),
            (PETUGAS, False),
            (LEAD, True),
        ]
        before = KeySlotFile.open(home.slots).certificate(PETUGAS.user_id)
        context.accounts.start_anew(PETUGAS.user_id, NEW, PIN)
        with pytest.raises(InputError):
            context.accounts.start_anew(LEAD.user_id, "pendek")
        with pytest.raises(RuleError, match=r"account\.yourself"):
            context.accounts.remove(ADMIN.user_id)
        context.accounts.change_passphrase(PASSPHRASE, NEW)
        context.accounts.set_pin(NEW, "")
    slots, now = KeySlotFile.open(home.slots), home.clock().now()
    assert slots.certificate(PETUGAS.user_id) != before
    assert slots.unlock(PETUGAS.user_id, NEW, now).has_pin
    assert not slots.unlock(ADMIN.user_id, NEW, now).has_pin
    with pytest.raises(VaultError, match=r"vault\.unknown_user"):
        slots.unlock(LEAD.user_id, PASSPHRASE, now)
    with opened(home, ADMIN, passphrase=NEW) as context:
        assert context.audit.verify()[1] is None
