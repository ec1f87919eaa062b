from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import Kit
from support.letters import KADIS, KASI, office
from support.signing import ADMIN, PKCS12_PASSPHRASE, office_of, office_pkcs12, waiting_letter
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem, SigningUnknownError, StoreError
from fieldkit.domain.letters.letter import LetterState
from ui.presenters.letters.sign_letters import Mode, Proof, SignLettersPresenter
from ui.presenters.parts import Stage, Tone
from ui.presenters.tasks import SYNC


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    """An office that signs by itself: no network in these tests."""
    kit = office(tmp_path, KADIS)
    packed, _ = office_pkcs12(kit.clock)
    office_of(kit, ADMIN).signing_setup.set_certificate(packed, PKCS12_PASSPHRASE)
    yield kit
    kit.store.close()


def opened(kit: Kit, tasks: SameThread | None = None) -> tuple[SignLettersPresenter, Steps]:
    steps = Steps()
    presenter = SignLettersPresenter(kit.context, tasks or SameThread(), steps)
    presenter.start()
    return presenter, steps


def test_the_first_letter_is_shown_with_its_page(kit: Kit) -> None:
    waiting_letter(kit)
    presenter, _ = opened(kit)
    assert presenter.state.stage is Stage.CONTENT
    assert presenter.state.title == "Surat balasan Pemerintah Desa Jimbe"
    assert presenter.state.pages
    assert presenter.state.proofs == ()  # the office's certificate knows no one-time code


def test_nobody_is_asked_for_a_passphrase_where_nothing_is_set_up(tmp_path: Path) -> None:
    with office(tmp_path, KADIS) as kit:
        waiting_letter(kit)
        presenter, _ = opened(kit)
        assert presenter.state.bar.actions[-1].refused == Problem("tte.not_set_up")
        presenter.accept()
        assert presenter.state.mode is Mode.BROWSE
        office_of(kit, ADMIN).signing_setup.set_certificate(office_pkcs12(kit.clock)[0], PKCS12_PASSPHRASE)
        presenter.start()
        assert presenter.state.bar.actions[-1].refused == ""
        presenter.accept()
        assert presenter.state.mode is Mode.ASK


def test_signing_hands_the_secret_on_and_keeps_nothing(kit: Kit) -> None:
    letter = waiting_letter(kit)
    tasks = SameThread(SYNC)
    presenter, _ = opened(kit, tasks)
    presenter.accept()
    presenter.sign(PKCS12_PASSPHRASE)
    assert presenter.state.stage is Stage.BUSY
    assert PKCS12_PASSPHRASE not in repr(presenter.state)
    tasks.release(SYNC)
    assert presenter.state.stage is Stage.EMPTY
    assert presenter.state.toast is not None
    assert presenter.state.toast.tone is Tone.GOOD
    assert kit.context.office.letters.get(letter.thing_id).state is LetterState.ISSUED


def test_a_wrong_passphrase_is_said_at_the_field_which_is_emptied(kit: Kit) -> None:
    waiting_letter(kit)
    presenter, _ = opened(kit)
    presenter.accept()
    asked = presenter.state.asked
    presenter.sign("salah")
    assert presenter.state.wrong is not None
    assert presenter.state.wrong.code == "tte.wrong_passphrase"
    assert presenter.state.mode is Mode.ASK
    assert presenter.state.asked > asked
    presenter.sign("  ")
    assert presenter.state.wrong == Problem("tte.secret_missing")


def test_an_unknown_outcome_becomes_the_card_of_a_doubt(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = waiting_letter(kit)

    def lose(*_args: object, **_named: object) -> None:
        with kit.store.write() as unit:
            repository = unit.repository(type(letter))
            repository.save(replace(repository.get(letter.thing_id), state=LetterState.UNKNOWN))
        raise SigningUnknownError("tte.unknown")

    monkeypatch.setattr(kit.context.office.signing, "sign", lose)
    presenter, _ = opened(kit)
    presenter.accept()
    presenter.sign("x")
    assert (presenter.state.mode, presenter.state.doubt) == (Mode.BROWSE, Problem("tte.unknown"))
    presenter.accept()
    assert presenter.state.mode is Mode.SETTLE
    presenter.settle_signed("/nowhere.pdf")
    assert presenter.state.wrong is not None
    presenter.settle_unsigned()
    assert (presenter.state.mode, presenter.state.doubt) == (Mode.BROWSE, None)


def test_back_leaves_the_question_first(kit: Kit) -> None:
    waiting_letter(kit)
    presenter, steps = opened(kit)
    presenter.accept()
    presenter.back()
    assert steps.taken == []
    presenter.back()
    assert steps.taken == [("back",)]
    presenter.perform(next(each for each in presenter.state.bar.actions if each.name == "show_verify"))
    assert steps.taken[-1] == ("push", "verify_letter")


def test_who_may_not_sign_reads_why(kit: Kit) -> None:
    letter = waiting_letter(kit)
    steps = Steps()
    presenter = SignLettersPresenter(replace(kit.context, user=KASI), SameThread(), steps)
    presenter.start()
    assert presenter.state.bar.actions[-1].refused
    presenter.open(letter.thing_id)
    assert presenter.state.mode is Mode.BROWSE


def test_search_keeps_the_cursor_on_what_is_found(kit: Kit) -> None:
    waiting_letter(kit)
    second = waiting_letter(kit, "470/2/409.110/2026")
    presenter, _ = opened(kit)
    presenter.search("470/2")
    assert presenter.state.chosen == second.thing_id
    presenter.search("tidak ada")
    assert (presenter.state.chosen, presenter.state.rows.count) == ("", 0)
    assert presenter.state.bar.actions[-1].refused


def test_a_code_instead_of_the_passphrase(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting_letter(kit)
    office_of(kit, ADMIN).signing_setup.set_service("https://127.0.0.1:1", "dinas", "x")
    presenter, _ = opened(kit)
    presenter.accept()
    presenter.choose_proof("code")
    assert presenter.state.proof is Proof.CODE
    presenter.request_code()
    assert presenter.state.wrong == Problem("tte.nik_missing", recovery=presenter.state.wrong.recovery)
    monkeypatch.setattr(kit.context.office.signing, "request_code", lambda: "di BeSign")
    presenter.request_code()
    assert presenter.state.told == "di BeSign"


def test_a_store_that_fails_says_so(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise StoreError("store.damaged")

    monkeypatch.setattr(kit.context.office.signing, "waiting", fail)
    assert opened(kit)[0].state.stage is Stage.ERROR
