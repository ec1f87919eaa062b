"""The accounts of a kit."""

from __future__ import annotations

from fieldkit.domain.people.accounts import Role, User
from fieldkit.storage.store import SqlStore


def test_accounts_are_listed_by_name_and_replaced_by_id(store: SqlStore) -> None:
    with store.write() as unit:
        unit.save_user(User("u2", "Wati", Role.KETUA_TIM))
        unit.save_user(User("u1", "Agus", Role.PETUGAS_PEREKAMAN))
        unit.save_user(User("u2", "Wati", Role.KASI))
    with store.read() as unit:
        assert unit.users() == [User("u1", "Agus", Role.PETUGAS_PEREKAMAN), User("u2", "Wati", Role.KASI)]
