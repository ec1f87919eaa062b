from __future__ import annotations

from pathlib import Path

from support.accounts import OLD
from support.app_context import KETUA, PENGURUS, PETUGAS, Kit
from support.plans import ADMIN
from support.settings import field, opened, wrong

from ui.presenters.messages import message

NEW = "kunci lemari besi"


def test_everybody_changes_the_own_passphrase_and_pin(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    presenter = opened(kit, "sandi")
    assert [line.name for line in presenter.state.fields] == ["old", "new", "again", "pin"]
    for typed, problem in (
        ({"old": OLD}, "account.nothing_typed"),
        ({"new": NEW}, "account.differs"),
        ({"again": NEW, "old": "salah salah"}, "vault.wrong_passphrase"),
        ({"new": "x", "again": "x", "old": OLD}, "vault.weak_passphrase"),
        ({"new": NEW, "again": NEW, "pin": "12"}, "vault.pin_form"),
    ):
        for name, text in typed.items():
            presenter.type_field(name, text)
        presenter.accept()
        assert wrong(presenter) == problem
        assert any(each.problem for each in presenter.state.fields), problem
    presenter.type_field("pin", "135790")
    presenter.accept()
    assert wrong(presenter) == ""
    assert (kit.accounts.passphrases[PETUGAS.user_id], kit.accounts.pins[PETUGAS.user_id]) == (NEW, "135790")
    assert {line.text for line in presenter.state.fields} == {""}
    kit.store.close()


def test_accounts_stand_with_their_roles_and_the_command_that_adds_one(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    presenter = opened(kit, "pengguna")
    shown = {line.words: line.detail for line in field(presenter, "users").lines}
    assert shown == {user.name: message(f"role.{user.role.value}") for user in (PETUGAS, KETUA, PENGURUS)}
    assert "fieldkit user add" in [value for _, value in field(presenter, "add").facts]
    assert [line.name for line in presenter.state.fields] == ["users", "add"]  # a petugas changes nobody
    kit.store.close()


def test_an_admin_gives_a_new_start_disables_and_removes(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    presenter = opened(kit, "pengguna")
    presenter.accept()
    assert wrong(presenter) == "account.no_act"
    presenter.point_line("users", KETUA.user_id)
    presenter.tick_line("act", "disable")
    presenter.accept()
    tags = {line.name: line.tag for line in field(presenter, "users").lines}
    assert tags[KETUA.user_id] is not None
    assert tags[PETUGAS.user_id] is None
    presenter.tick_line("act", "again")
    presenter.type_field("passphrase", "x")
    presenter.accept()
    assert field(presenter, "passphrase").problem is not None
    presenter.type_field("passphrase", NEW)
    presenter.accept()
    assert kit.accounts.passphrases[KETUA.user_id] == NEW
    assert all(line.tag is None for line in field(presenter, "users").lines)
    presenter.tick_line("act", "remove")
    presenter.accept()
    assert [line.name for line in field(presenter, "users").lines] == [PETUGAS.user_id, PENGURUS.user_id]
    kit.store.close()


def test_without_a_line_a_new_start_is_refused_in_words(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    kit.accounts.has_line = False
    presenter = opened(kit, "pengguna")
    presenter.point_line("users", KETUA.user_id)
    presenter.tick_line("act", "again")
    presenter.type_field("passphrase", NEW)
    presenter.accept()
    assert wrong(presenter) == "sync.unreachable"
    kit.store.close()
