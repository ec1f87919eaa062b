from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS, Kit
from support.clock import NOW
from support.plans import ADMIN

from fieldkit.domain.errors import RuleError
from fieldkit.domain.people import PERMISSIONS, Permission, Staff
from fieldkit.services.context.set_up import SetUpState, SetUpStep
from fieldkit.vault.certificates import create_ca
from fieldkit.vault.one_time_codes import TotpCodes


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, ADMIN, (ADMIN,)) as kit:
        yield kit


def test_each_step_is_missing_until_it_is_done(kit: Kit) -> None:
    context, office, set_up = kit.context, kit.context.office, kit.context.set_up
    office.letterhead.edit(replace(office.letterhead.read(), address="", city=""))
    assert set_up.missing() == tuple(SetUpStep)
    set_up.recovery_sheet()
    context.accounts.prove_sheet("abcd efgh ijkl mnop qrst")
    office.letterhead.edit(replace(office.letterhead.read(), address="Jalan Uji 1", city="Blitar"))
    context.accounts.add(PETUGAS, "kunci lemari besi")
    office.staff.save(Staff("", "Ani Wijaya"))
    office.sop.choose([office.sop.profiles()[0].sop_id])
    factor = context.second_factor
    factor.begin(TotpCodes().code_at(factor.offer().secret, int(kit.clock.now().timestamp()) // 30))
    assert set_up.missing() == (SetUpStep.PROVIDERS,)
    set_up.providers.trust(create_ca("Penyedia", NOW).certificate_der)
    assert set_up.missing() == ()


@pytest.mark.parametrize("blank", ["dinas", "address", "city"])
def test_a_letterhead_is_missing_until_each_of_its_lines_is_there(kit: Kit, blank: str) -> None:
    letterhead, set_up = kit.context.office.letterhead, kit.context.set_up
    assert SetUpStep.LETTERHEAD not in set_up.missing()
    letterhead.edit(replace(letterhead.read(), **{blank: ""}))
    assert SetUpStep.LETTERHEAD in set_up.missing()


def test_users_are_missing_until_somebody_may_record_here(kit: Kit) -> None:
    context, passphrase = kit.context, "kunci lemari besi"
    context.accounts.add(PENGURUS, passphrase)
    assert SetUpStep.USERS in context.set_up.missing()
    context.accounts.add(PETUGAS, passphrase)
    assert SetUpStep.USERS not in context.set_up.missing()
    context.accounts.disable(PETUGAS.user_id)
    assert SetUpStep.USERS in context.set_up.missing()


def test_a_step_that_is_not_needed_is_declined_and_asked_for_again(kit: Kit) -> None:
    set_up = kit.context.set_up
    set_up.decline(SetUpStep.PROVIDERS)
    states = {line.step: line.state for line in set_up.lines()}
    assert states[SetUpStep.PROVIDERS] is SetUpState.DECLINED
    assert SetUpStep.PROVIDERS not in set_up.missing()
    set_up.decline(SetUpStep.PROVIDERS)
    assert SetUpStep.PROVIDERS in set_up.missing()
    with kit.store.read() as unit:
        assert [event.kind for event in unit.events.of("set_up")] == ["set_up_declined"] * 2


@pytest.mark.parametrize("permission", [Permission.ADD_USERS, Permission.KEEP_PROFILE])
def test_who_may_do_only_some_of_it_has_no_checklist(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, permission: Permission
) -> None:
    monkeypatch.setitem(PERMISSIONS, PETUGAS.role, frozenset({permission}))
    assert kit.context_of(PETUGAS).set_up.lines() == ()


def test_who_is_no_admin_has_no_checklist(kit: Kit) -> None:
    set_up = kit.context_of(PETUGAS).set_up
    assert (set_up.lines(), set_up.missing()) == ((), ())
    for act in (lambda: set_up.decline(SetUpStep.SOPS), set_up.recovery_sheet):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            act()
