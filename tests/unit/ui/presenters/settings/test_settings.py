from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.accounts import OLD
from support.app_context import KETUA, PENGURUS, PETUGAS, Kit
from support.plans import ADMIN, KABID, KASI, KEPALA
from support.settings import field, opened, wrong
from support.tasks import SameThread, Steps

from fieldkit.domain.people import Permission, User
from fieldkit.vault.one_time_codes import TotpCodes
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.settings.settings import SECTIONS, SettingsPresenter
from ui.presenters.tasks import STORE

EVERYBODY = (PETUGAS, KETUA, PENGURUS, KASI, KABID, KEPALA, ADMIN)


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.role.value)
def test_each_section_is_changed_by_those_who_may_and_others_are_told_who(tmp_path: Path, user: User) -> None:
    kit = Kit(tmp_path, user)
    presenter = opened(kit)
    for section in SECTIONS:
        presenter.choose_section(section.name)
        state = presenter.state
        assert (state.stage, state.section) == (Stage.CONTENT, section.name)
        assert state.fields
        needed = section.permission
        may = needed is not None and user.may(needed)
        assert state.may_write is may
        assert ("accept" in [action.name for action in state.bar.actions]) is may
        if not may:
            assert state.bar.note == message(f"pengaturan.only_{needed.value if needed else 'shown'}")
            before = state
            presenter.type_field(state.fields[0].name, "x")
            presenter.tick_line(state.fields[0].name, "x")
            presenter.accept()
            assert presenter.state == before
    kit.store.close()


def test_admin_and_planners_set_different_things() -> None:
    keeps = {section.name for section in SECTIONS if section.permission is Permission.KEEP_PROFILE}
    plans = {section.name for section in SECTIONS if section.permission is Permission.PLAN}
    assert keeps == {"kop", "nomor", "tte", "signers", "sertifikat", "kabar", "sop", "sop_files", "jam", "penyedia"}
    assert plans == {"waktu"}


def test_what_was_typed_waits_while_another_section_is_read(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    presenter = opened(kit)
    presenter.type_field("city", "Wlingi")
    presenter.choose_section("pengguna")
    tags = {line.name: line.tag for line in presenter.state.sections}
    assert tags["kop"] is not None
    assert tags["nomor"] is None
    presenter.choose_section("kop")
    presenter.start()
    assert field(presenter, "city").text == "Wlingi"
    presenter.accept()
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("pengaturan.kop_saved")
    assert all(line.tag is None for line in presenter.state.sections)
    kit.store.close()


def test_what_was_typed_survives_a_kill_and_secrets_never_stay(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    presenter = opened(kit)
    presenter.type_field("city", "Wlingi")
    presenter.choose_section("sandi")
    presenter.type_field("new", "kunci lemari besi")
    presenter.settle()  # half a second without a key, then the program is killed
    (draft,) = kit.context.drafts.mine()
    assert draft.fields == {"kop.city": "Wlingi"}
    again = opened(kit)
    assert field(again, "city").text == "Wlingi"
    assert again.state.restored
    again.throw_away()
    assert field(again, "city").text != "Wlingi"
    again.take_back()
    assert field(again, "city").text == "Wlingi"
    again.accept()
    assert list(kit.context.drafts.mine()) == []
    assert kit.context.office.letterhead.read().city == "Wlingi"
    assert opened(kit).state.restored == ""
    kit.store.close()


def test_a_section_is_read_anew_when_it_comes_to_the_front_unless_something_typed_waits(tmp_path: Path) -> None:
    def move(city: str) -> None:
        letterhead = kit.context.office.letterhead
        letterhead.edit(replace(letterhead.read(), city=city))

    with Kit(tmp_path, ADMIN) as kit:
        presenter = opened(kit, "nomor")
        presenter.choose_section("kop")
        move("Wlingi")
        presenter.choose_section("kop")
        assert field(presenter, "city").text == "Blitar", "it is in front already"
        presenter.start()
        assert field(presenter, "city").text == "Wlingi"
        presenter.choose_section("nomor")
        move("Kanigoro")
        presenter.choose_section("kop")
        assert field(presenter, "city").text == "Kanigoro"


def test_what_is_typed_while_a_section_is_read_stays(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        tasks = SameThread(STORE)
        presenter = SettingsPresenter(kit.context, tasks, Steps())
        presenter.start()
        tasks.release(STORE)
        presenter.start()
        presenter.type_field("city", "Wlingi")
        tasks.release(STORE)
        assert field(presenter, "city").text == "Wlingi"
        presenter.choose_section("nomor")
        presenter.type_field("pattern", "typed before it was read")
        presenter.choose_section("kop")
        tasks.release(STORE)
        assert (presenter.state.section, field(presenter, "city").text) == ("kop", "Wlingi")


def test_a_section_with_a_draft_is_marked_before_it_was_read(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        presenter = opened(kit, "nomor")
        presenter.type_field("pattern", "7/{nomor}")
        presenter.choose_section("sandi")
        presenter.type_field("new", "kunci lemari besi")
        assert {line.name for line in presenter.state.sections if line.tag} == {"nomor", "sandi"}
        presenter.settle()
        again = SettingsPresenter(kit.context, SameThread(), Steps(), "kop")
        again.start()
        assert {line.name for line in again.state.sections if line.tag} == {"nomor"}
        assert again.state.section == "kop"


def test_a_problem_that_no_field_has_stands_above_them(tmp_path: Path) -> None:
    with Kit(tmp_path, ADMIN) as kit:
        presenter = opened(kit, "sertifikat")
        presenter.accept()
        assert presenter.state.problem is not None
        assert presenter.state.problem.code == "signing.no_file"
        assert not any(each.problem for each in presenter.state.fields)


def test_a_problem_stays_with_its_section(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    presenter = opened(kit)
    presenter.type_field("dinas", " ")
    presenter.accept()
    assert field(presenter, "dinas").problem is not None
    presenter.choose_section("kit")
    assert presenter.state.problem is None
    presenter.choose_section("kop")
    presenter.type_field("dinas", "Dinas")
    assert field(presenter, "dinas").problem is None
    presenter.accept()
    assert presenter.state.toast is not None, "the next try is made"
    kit.store.close()


def test_a_refusal_that_comes_late_stands_in_the_section_that_was_kept(tmp_path: Path) -> None:
    kit = Kit(tmp_path, ADMIN)
    tasks = SameThread(STORE)
    presenter = SettingsPresenter(kit.context, tasks, Steps())
    presenter.start()
    presenter.type_field("dinas", "typed before anything was read")
    tasks.release(STORE)
    assert field(presenter, "dinas").text == "Dinas Kependudukan dan Pencatatan Sipil"
    presenter.type_field("dinas", "")
    presenter.accept()
    presenter.accept()
    presenter.choose_section("nomor")
    tasks.release(STORE)
    assert (presenter.state.section, presenter.state.problem) == ("nomor", None)
    assert not any(shown.problem for shown in presenter.state.fields)
    presenter.choose_section("kop")
    assert field(presenter, "dinas").problem is not None
    kit.store.close()


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
