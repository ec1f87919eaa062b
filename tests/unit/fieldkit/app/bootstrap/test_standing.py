from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.homes import ADMIN, PASSPHRASE, Office, Repository, opened
from support.room import LEAD, PETUGAS

from fieldkit.app.bootstrap.clock import CorrectedClock
from fieldkit.app.bootstrap.enrolment import NewUser, add_user
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.store_key import rotate_key
from fieldkit.domain.errors import VaultError
from fieldkit.domain.people import Role, User
from fieldkit.services.office_bundles import keep_disabled
from fieldkit.vault.keyslots import KeySlotFile

GHOST = User("hantu", "Hantu", Role.ADMIN_DINAS)


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    return office.kit(tmp_path / "kit", PETUGAS, LEAD)


def write_own_slot(home: Home, user: User) -> None:
    """Do as a petugas with the program's own code and the own passphrase."""
    slots = KeySlotFile.open(home.slots)
    mine = slots.unlock(PETUGAS.user_id, PASSPHRASE, home.clock().now())
    slots.start_anew(user, PASSPHRASE, mine.db_key, mine.signing_key)


@pytest.mark.parametrize("user", [GHOST, User(PETUGAS.user_id, PETUGAS.name, Role.KETUA_TIM), LEAD])
def test_a_slot_that_a_petugas_wrote_himself_is_refused_and_told(home: Home, user: User) -> None:
    write_own_slot(home, user)
    kit = LockedKit(home, Repository())
    with pytest.raises(VaultError) as refused:
        kit.unlock(user.user_id, PASSPHRASE)
    assert refused.value.code == "vault.slot_uncertified"
    kit.leave()
    with opened(home, ADMIN) as context:
        report = context.audit.report()
        assert [(f.kind, f.thing_id, f.code) for f in report.faults] == [
            ("slot", user.user_id, "audit.slot_uncertified")
        ]
        with context.audit._store.read() as unit:
            assert "slot_refused" in [event.kind for event in unit.events.of(user.user_id)]


def test_a_slot_of_ones_own_making_gives_no_word_beside_somebody_else(home: Home) -> None:
    write_own_slot(home, LEAD)
    kit = LockedKit(home, Repository())
    kit.unlock(PETUGAS.user_id, PASSPHRASE)
    for ask in (kit.check_lead, kit.verify_passphrase):
        with pytest.raises(VaultError) as refused:
            ask(LEAD.user_id, PASSPHRASE)
        assert refused.value.code == "vault.slot_uncertified"
    kit.leave()


@pytest.mark.days
def test_a_slot_of_ones_own_making_administers_nothing(home: Home) -> None:
    write_own_slot(home, GHOST)
    with pytest.raises(VaultError) as refused:
        add_user(home, GHOST.user_id, PASSPHRASE, NewUser(User("x", "X", Role.KETUA_TIM), PASSPHRASE, ""))
    assert refused.value.code == "vault.slot_uncertified"
    with pytest.raises(VaultError) as refused:
        rotate_key(home, GHOST.user_id, PASSPHRASE)
    assert refused.value.code == "vault.slot_uncertified"


@pytest.mark.days
def test_who_does_not_count_now_answers_for_nothing(home: Home) -> None:
    with opened(home) as context, context.audit._store.write() as unit:
        keep_disabled(unit, [LEAD.user_id])
    kit = LockedKit(home, Repository())
    with pytest.raises(VaultError) as refused:
        kit.check_lead(LEAD.user_id, PASSPHRASE)
    assert refused.value.code == "vault.unknown_user"  # nobody answers for a record of a locked kit
    kit.unlock(PETUGAS.user_id, PASSPHRASE)
    with pytest.raises(VaultError) as refused:
        kit.check_lead(LEAD.user_id, PASSPHRASE)
    assert refused.value.code == "office.user_disabled"
    kit.leave()


def test_a_certificate_that_ended_lets_in_and_answers_for_nothing(home: Home) -> None:
    class Later(CorrectedClock):
        def now(self):  # type: ignore[no-untyped-def]
            return super().now() + timedelta(days=5 * 365)

    kit = LockedKit(home, Repository(), Later(home.clock()))
    kit.unlock(PETUGAS.user_id, PASSPHRASE)
    with pytest.raises(VaultError) as refused:
        kit.check_lead(LEAD.user_id, PASSPHRASE)
    assert refused.value.code == "vault.cms_certificate"
    kit.leave()
