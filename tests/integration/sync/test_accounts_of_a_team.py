"""An account made on one laptop appears on the others of the team, where their admin gives it a start."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.homes import ADMIN, CLOCK, PASSPHRASE, PIN, Nobody, Office, new, opened
from support.homes import office as office
from support.room import PETUGAS

from fieldkit.app.bootstrap.enrolment import add_user
from fieldkit.domain.errors import VaultError
from fieldkit.domain.office_bundles import BundleKind
from fieldkit.domain.people import Role, User
from fieldkit.services.context.app_context import AppContext
from sync.gateway import provision
from sync.gateway.down.publishing import Addressed, Publishing

OTHER = "kuda putih di pasar"


def fetched(context: AppContext) -> list[BundleKind]:
    report = context.delivery.send(Nobody(), Nobody())
    assert report.stopped_by is None, report
    return [each.kind for each in report.from_office if not each.code]


def new_here(context: AppContext) -> list[User]:
    return [account.user for account in context.accounts.everybody() if account.is_new]


@pytest.mark.days
def test_an_account_of_one_laptop_starts_on_another_of_the_team(office: Office, tmp_path: Path) -> None:
    one, other = office.kit(tmp_path / "one"), office.kit(tmp_path / "other")
    gateway_context = provision.open_gateway(office.folder, CLOCK)
    publishing = Publishing(gateway_context)
    with opened(other, ADMIN) as context:
        assert fetched(context) == []
        publishing.make_team("utara", ("K01", context.kit_id))
    add_user(one, ADMIN.user_id, PASSPHRASE, new(PETUGAS))
    with opened(other, ADMIN) as context:
        assert fetched(context) == [BundleKind.ACCOUNTS]
        assert new_here(context) == [PETUGAS]
        with pytest.raises(VaultError, match=r"unknown_user"):  # nobody gave a passphrase here yet
            context.accounts.disable(PETUGAS.user_id)
        context.accounts.start_anew(PETUGAS.user_id, OTHER, PIN)
        assert new_here(context) == []
        # What the office itself adds comes the same way.
        listed = b"users: [{user_id: sri, name: Sri Lestari, role: loket}, {user_id: rina, disabled: false}]"
        publishing.publish(BundleKind.USERS, "", listed, Addressed((context.kit_id,)))
        assert fetched(context) == [BundleKind.USERS]
        assert new_here(context) == [User("sri", "Sri Lestari", Role.LOKET)]
    with opened(other, PETUGAS, passphrase=OTHER) as context:
        assert context.user == PETUGAS
    with opened(one, PETUGAS) as context:  # where the account was made nothing changed
        assert context.user == PETUGAS
    gateway_context.engine.dispose()
