from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.accounts import OLD
from support.app_context import KETUA, PETUGAS, Kit

from fieldkit.domain.errors import InputError, KnownError, RuleError, TransferError, VaultError
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.domain.people import Role, User
from fieldkit.ports.repositories import Account
from fieldkit.services.office_bundles import keep_listed
from fieldkit.services.people.keep_accounts import KitFacts, ReadKit, name_of, operator_key

ADMIN = User("u9", "Admin", Role.ADMIN_DINAS)
NEW = "kunci lemari besi"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path) as kit:
        yield kit


def noted(kit: Kit, user: str) -> list[str]:
    with kit.store.read() as unit:
        return [event.kind for event in unit.events.of(user)]


def test_the_own_passphrase_and_pin(kit: Kit) -> None:
    accounts = kit.context.accounts
    accounts.change_passphrase(OLD, NEW)
    assert (kit.accounts.passphrases[PETUGAS.user_id], kit.accounts.passphrases[KETUA.user_id]) == (NEW, OLD)
    accounts.set_pin(NEW, "135790")
    accounts.set_pin(NEW, "")
    assert noted(kit, PETUGAS.user_id) == ["passphrase_changed", "pin_changed", "pin_removed"]
    with pytest.raises(VaultError):
        accounts.change_passphrase(OLD, NEW)
    with pytest.raises(InputError):
        accounts.set_pin(NEW, "12")
    assert len(noted(kit, PETUGAS.user_id)) == 3


def test_an_admin_keeps_the_accounts_of_the_others(kit: Kit) -> None:
    accounts = kit.context_of(ADMIN).accounts
    assert accounts.disable(KETUA.user_id) == KETUA
    assert [each.is_disabled for each in accounts.everybody()] == [False, True, False]
    assert accounts.start_anew(KETUA.user_id, NEW, "135790") == KETUA
    with kit.store.read() as unit:
        assert json.loads(unit.events.of(KETUA.user_id)[-1].payload) == {}  # the role is as before
    assert kit.accounts.passphrases[KETUA.user_id] == NEW
    with kit.store.write() as unit:
        unit.finger_templates.keep(operator_key(KETUA.user_id), b"the finger that opened the screen")
    assert accounts.remove(KETUA.user_id) == KETUA
    with kit.store.read() as unit:
        assert unit.finger_templates.held() == frozenset()
    assert noted(kit, KETUA.user_id) == ["user_disabled", "user_restarted", "user_removed"]
    with pytest.raises(VaultError, match=r"vault\.unknown_user"):
        accounts.disable(KETUA.user_id)
    kit.accounts.has_line = False
    with pytest.raises(TransferError):
        accounts.start_anew(PETUGAS.user_id, NEW)
    assert noted(kit, PETUGAS.user_id) == []


def test_who_is_new_here_begins_with_a_start_by_the_admin(kit: Kit) -> None:
    accounts, sri = kit.context_of(ADMIN).accounts, User("sri", "Sri Lestari", Role.LOKET)
    with kit.store.write() as unit:
        keep_listed(unit, BundleKind.ACCOUNTS, [sri, KETUA])
    assert accounts.everybody()[-1] == Account(sri, is_disabled=False, is_new=True)
    assert [account.is_new for account in accounts.everybody()].count(True) == 1  # who is here stays as he is
    assert accounts.start_anew("sri", NEW) == sri
    assert not any(account.is_new for account in accounts.everybody())
    assert noted(kit, "sri") == ["user_added"]


def test_nobody_else_does_and_nobody_does_it_to_oneself(kit: Kit) -> None:
    for act in (kit.context.accounts.disable, kit.context.accounts.remove):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            act(KETUA.user_id)
    with pytest.raises(KnownError, match=r"role\.not_yours"):
        kit.context.accounts.start_anew(KETUA.user_id, NEW)
    with pytest.raises(RuleError, match=r"account\.yourself"):
        kit.context_of(ADMIN).accounts.disable(ADMIN.user_id)
    assert kit.accounts.passphrases[KETUA.user_id] == OLD


def test_somebody_new_is_known_to_the_store_before_he_can_sign_in(kit: Kit) -> None:
    accounts, new = kit.context_of(ADMIN).accounts, User("sri", "  Sri   Lestari ", Role.LOKET)
    kit.accounts.has_line = False
    with pytest.raises(TransferError):
        accounts.add(new, NEW)
    with kit.store.read() as unit:
        assert "sri" not in [user.user_id for user in unit.users()]
    kit.accounts.has_line = True
    added = accounts.add(new, NEW, "135790")
    assert added == User("sri", "Sri Lestari", Role.LOKET)
    with kit.store.read() as unit:
        assert added in unit.users()
        (event,) = unit.events.of("sri")
    assert (event.kind, json.loads(event.payload)) == ("user_added", {"role": "loket"})
    for wrong, code in ((new, "vault.user_exists"), (User("S r", "Sri", Role.LOKET), "cli.user_id_form")):
        with pytest.raises(KnownError) as caught:
            accounts.add(wrong, NEW)
        assert caught.value.code == code
    with pytest.raises(InputError, match=r"account\.no_name"):
        accounts.add(User("adi", " ", Role.LOKET), NEW)
    kit.accounts.has_line = False  # nobody is asked for a certificate
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        kit.context.accounts.add(User("adi", "Adi", Role.LOKET), NEW)


def test_a_recovery_sheet_opens_once_its_code_was_typed_back(kit: Kit) -> None:
    accounts = kit.context_of(ADMIN).accounts
    with pytest.raises(RuleError, match=r"sheet\.print_first"):
        accounts.prove_sheet("")
    code = accounts.new_sheet()
    for typed in ("", code[:-1], f"{code}A"):
        with pytest.raises(InputError, match=r"sheet\.differs"):
            accounts.prove_sheet(typed)
    assert not accounts.has_sheet()
    accounts.prove_sheet(code.lower().replace("-", " "))
    assert (accounts.has_sheet(), kit.accounts.sheets) == (True, {ADMIN.user_id: code})
    assert noted(kit, ADMIN.user_id) == ["recovery_sheet_made"]
    with pytest.raises(RuleError, match=r"sheet\.print_first"):
        accounts.prove_sheet(code)
    for act in (kit.context.accounts.new_sheet, lambda: kit.context.accounts.prove_sheet(code)):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            act()


def test_a_second_factor_is_reset_and_goes_with_its_account(kit: Kit) -> None:
    accounts, name = kit.context_of(ADMIN).accounts, name_of(KETUA.user_id)

    def begin() -> None:
        with kit.store.write() as unit:
            unit.settings.put(name, {"secret": "A"})

    begin()
    assert accounts.with_second_factor() == {KETUA.user_id}
    heard: list[frozenset[str]] = []
    kit.store.listen(heard.append)
    assert accounts.reset_second_factor(KETUA.user_id) == KETUA
    assert "user" in heard[-1]  # lists of accounts follow
    assert accounts.with_second_factor() == frozenset()
    begin()
    accounts.remove(KETUA.user_id)
    assert "user" in heard[-1]
    assert noted(kit, KETUA.user_id) == ["second_factor_reset", "user_removed"]
    with kit.store.read() as unit:
        assert unit.settings.get(name) is None
        assert KETUA in unit.users()  # the name stays


def test_another_role_comes_with_a_new_start_and_both_roles_are_logged(kit: Kit) -> None:
    accounts = kit.context_of(ADMIN).accounts
    assert accounts.start_anew(PETUGAS.user_id, NEW, role=Role.KETUA_TIM).role is Role.KETUA_TIM
    with kit.store.read() as unit:
        assert next(user for user in unit.users() if user.user_id == PETUGAS.user_id).role is Role.KETUA_TIM
        (event,) = unit.events.of(PETUGAS.user_id)
    assert json.loads(event.payload) == {"role": "ketua_tim", "was": "petugas_perekaman"}


@pytest.mark.parametrize(("reason", "payload"), [(" pindah tugas ", {"reason": "pindah tugas"}), (" ", {})])
def test_the_reason_of_an_end_is_logged(kit: Kit, reason: str, payload: dict[str, str]) -> None:
    accounts = kit.context_of(ADMIN).accounts
    accounts.disable(KETUA.user_id, reason)
    accounts.remove(KETUA.user_id, reason)
    with kit.store.read() as unit:
        assert [json.loads(event.payload) for event in unit.events.of(KETUA.user_id)] == [payload, payload]


@pytest.mark.parametrize(("told", "days"), [({}, None), ({"retention_days": "30"}, 30), ({"retention_days": "7.5"}, 7)])
def test_the_facts_are_those_of_the_enrolment(told: dict[str, str], days: int | None) -> None:
    assert ReadKit("KIT-07", {"dinas": "Dinas", **told}).read() == KitFacts("KIT-07", "Dinas", days)
