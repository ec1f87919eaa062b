from __future__ import annotations

from pathlib import Path

import pytest
from support.accounts import OLD
from support.app_context import KETUA, PENGURUS, PETUGAS, Kit
from support.plans import ADMIN
from support.settings import field, opened, wrong

from fieldkit.vault.one_time_codes import TotpCodes
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


@pytest.mark.parametrize(
    ("typed", "passphrase", "pin"),
    [({"new": NEW, "again": NEW}, NEW, None), ({"pin": " 135790 "}, OLD, "135790")],
)
def test_passphrase_and_pin_are_changed_alone(
    tmp_path: Path, typed: dict[str, str], passphrase: str, pin: str | None
) -> None:
    with Kit(tmp_path) as kit:
        presenter = opened(kit, "sandi")
        notes = {each.name: each.note for each in presenter.state.fields}
        assert notes == {
            "old": "",
            "new": message("pengaturan.passphrase_kept"),
            "again": "",
            "pin": message("pengaturan.pin_kept"),
        }
        for name, text in {"old": OLD, **typed}.items():
            presenter.type_field(name, text)
        presenter.accept()
        assert wrong(presenter) == ""
        assert (kit.accounts.passphrases[PETUGAS.user_id], kit.accounts.pins.get(PETUGAS.user_id)) == (passphrase, pin)


def test_the_own_second_factor_is_told_and_enter_leads_to_its_screen(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    for is_on, screen in ((False, "second_factor"), (True, "second_factor_change")):
        presenter = opened(kit, "kode")
        told = [words for _label, words in field(presenter, "facts").facts]
        assert told[0] == message("common.set_up" if is_on else "factor.off")
        assert told[1:-1] == (["10"] if is_on else [])
        assert told[-1] == message("factor.advised")
        presenter.perform(presenter.state.bar.actions[-1])
        assert presenter._navigator.taken == [("push", screen)]
        if not is_on:
            factor = kit.context.second_factor
            factor.begin(TotpCodes().code_at(factor.offer().secret, int(kit.clock.now().timestamp()) // 30))
    kit.store.close()


def test_accounts_stand_with_their_roles_and_enter_leads_to_their_keeper(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    kit.accounts.disable(KETUA.user_id)
    presenter = opened(kit, "pengguna")
    lines = field(presenter, "users").lines
    assert {line.words: line.detail for line in lines} == {
        user.name: message(f"role.{user.role.value}") for user in (PETUGAS, KETUA, PENGURUS)
    }
    assert [line.name for line in lines if line.tag] == [KETUA.user_id]
    presenter.perform(presenter.state.bar.actions[-1])
    assert presenter._navigator.taken == [("push", "accounts")]
    kit.store.close()
