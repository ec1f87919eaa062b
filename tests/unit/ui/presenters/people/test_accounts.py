from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.accounts import ListedAccounts
from support.app_context import KETUA, PENGURUS, PETUGAS, Kit
from support.listing import Listing
from support.plans import ADMIN
from support.tasks import SameThread, Steps

from ui.presenters.messages import message
from ui.presenters.people.accounts import AccountList


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path)
    kit.accounts = ListedAccounts((ADMIN, PETUGAS, KETUA, PENGURUS))
    kit.context = kit.context_of(ADMIN)
    yield kit
    kit.store.close()


def opened(kit: Kit) -> Listing:
    steps = Steps()
    return Listing(AccountList(kit.context, steps).screen(), SameThread(), steps)


def test_accounts_stand_with_role_and_state(kit: Kit) -> None:
    kit.accounts.disable(KETUA.user_id)
    listing = opened(kit)
    cells = {row.name: row.cells for row in listing.rows}
    assert cells[PETUGAS.user_id][1].words == message("role.petugas_perekaman")
    assert cells[KETUA.user_id][2].tags[0].words == message("pengaturan.disabled")
    assert listing.chips == {"all": 4, "off": 1}


def test_an_admin_keeps_everybody_but_himself(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.select(KETUA.user_id)
    for name, screen in (("accept", "account_again"), ("end", "account_end"), ("begin_new", "account_new")):
        listing.press(name)
        assert listing.steps.taken[-1][1] == screen
    listing.presenter.select(ADMIN.user_id)
    assert listing.offered("end").refused == message("pengguna.yourself")


def test_others_only_read(kit: Kit) -> None:
    kit.context = kit.context_of(PETUGAS)
    listing = opened(kit)
    assert [each.refused for each in listing.presenter.state.bar.actions] == [message("pengguna.not_yours")] * 3
