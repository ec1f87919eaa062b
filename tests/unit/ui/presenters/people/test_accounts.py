from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, PETUGAS, Kit
from support.listing import Listing, at_row, refusals
from support.plans import ADMIN
from support.tasks import SameThread, Steps

from fieldkit.domain.office_bundles import BundleKind
from fieldkit.domain.people import Role, User
from fieldkit.ports.repositories import Account
from fieldkit.services.office_bundles import keep_listed
from fieldkit.vault.one_time_codes import TotpCodes
from ui.presenters.people.accounts import AccountList
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, ADMIN, (ADMIN, PETUGAS, KETUA, PENGURUS)) as kit:
        yield kit


def opened(kit: Kit) -> Listing:
    steps = Steps()
    return Listing(AccountList(kit.context, steps).screen(), SameThread(), steps)


def test_accounts_stand_with_role_and_state(kit: Kit) -> None:
    kit.accounts.disable(KETUA.user_id)
    listing = opened(kit)
    cells = {row.name: row.cells for row in listing.rows}
    assert cells[PETUGAS.user_id][1].words == message("role.petugas_perekaman")
    assert cells[KETUA.user_id][2].tags[0].words == message("common.disabled")
    assert listing.chips == {"all": 4, "off": 1, "fresh": 0}


def test_an_admin_keeps_everybody_but_himself(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.select(KETUA.user_id)
    for name, screen in (("accept", "account_again"), ("end", "account_end"), ("begin_new", "account_new")):
        listing.press(name)
        assert listing.steps.taken[-1][1] == screen
    listing.presenter.select(ADMIN.user_id)
    assert listing.offered("end").refused == message("pengguna.yourself")


def test_who_is_new_here_is_given_a_start_and_has_nothing_to_end(kit: Kit) -> None:
    with kit.store.write() as unit:
        keep_listed(unit, BundleKind.ACCOUNTS, [User("sri", "Sri Lestari", Role.LOKET)])
    listing = opened(kit)
    listing.presenter.select("sri")
    assert next(row for row in listing.rows if row.name == "sri").cells[2].tags[0].words == message("pengguna.is_new")
    assert listing.chips["fresh"] == 1
    listing.press("accept")
    assert listing.steps.taken[-1][1] == "account_again"
    assert listing.offered("end").refused == message("pengguna.not_here_yet")


def test_a_lost_phone_is_helped_by_another_admin(kit: Kit) -> None:
    factor = kit.context_of(KETUA).second_factor
    factor.begin(TotpCodes().code_at(factor.offer().secret, int(kit.clock.now().timestamp()) // 30))
    listing = opened(kit)
    listing.presenter.select(PETUGAS.user_id)
    assert listing.offered("reset_factor").refused == message("pengguna.no_factor")
    listing.presenter.select(KETUA.user_id)
    coded = [row.name for row in listing.rows if row.cells[3].tags]
    assert coded == [KETUA.user_id]
    listing.press("reset_factor")
    assert not kit.context_of(KETUA).second_factor.standing().is_on
    assert listing.presenter.state.toast.words == message("pengguna.factor_reset", name=KETUA.name)
    listing.presenter.select(ADMIN.user_id)
    assert listing.offered("reset_factor").refused == message("pengguna.yourself")


def test_others_only_read(kit: Kit) -> None:
    kit.context = kit.context_of(PETUGAS)
    listing = opened(kit)
    assert [each.refused for each in listing.presenter.state.bar.actions] == [message("pengguna.not_yours")] * 4


NEW, OFF = Account(KETUA, False, is_new=True), Account(KETUA, is_disabled=True)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (Account(KETUA, False), message("pengguna.active")),
        (OFF, message("common.disabled")),
        (NEW, message("pengguna.is_new")),
        (replace(OFF, is_new=True), message("pengguna.is_new")),
    ],
)
def test_the_state_of_an_account_is_told(kit: Kit, account: Account, words: object) -> None:
    screen = AccountList(kit.context, Steps()).screen()
    assert [tag.words for tag in screen.heads[2].cell(account).tags] == [words]
    assert screen.reads == {"user"}
    chips = {chip.name: chip.takes(account) for chip in screen.filters[0]}
    assert chips == {"all": True, "off": account.is_disabled, "fresh": account.is_new}


def test_without_anybody_under_the_cursor_only_somebody_new_is_added(kit: Kit) -> None:
    refused = refusals(AccountList(kit.context, Steps()).screen(), at_row())
    first = message("common.choose_person")
    assert refused == {"end": first, "reset_factor": first, "begin_new": "", "accept": first}
    others = refusals(AccountList(kit.context_of(PETUGAS), Steps()).screen(), at_row(Account(PETUGAS, False)))
    assert list(others.values()) == [message("pengguna.not_yours")] * 4
