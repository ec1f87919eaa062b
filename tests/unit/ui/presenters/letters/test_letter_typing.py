"""What is typed into a letter, drawn and kept, while other things happen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.letters import AT, office
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.services.letters.sign_letters import SignLetters
from fieldkit.services.letters.write_letters import WriteLetters
from ui.presenters.letters.letter import LetterPresenter
from ui.presenters.parts import Tone
from ui.presenters.tasks import COMPUTE, STORE


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with office(tmp_path) as kit:
        yield kit


@pytest.fixture
def letter_id(kit: Kit) -> str:
    return kit.context.office.letters.draft(LetterKind.SURAT_TUGAS, AT).thing_id


def opened(kit: Kit, letter_id: str, *held: str) -> tuple[LetterPresenter, SameThread]:
    tasks = SameThread(*held)
    presenter = LetterPresenter(kit.context, tasks, Steps(), None, letter_id)  # type: ignore[arg-type]
    presenter.start()
    for executor in held:
        tasks.release(executor)
    return presenter, tasks


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Draw pages that are the changes they were drawn with; return these."""
    seen: list[dict[str, str]] = []

    def preview(_letters: WriteLetters, _letter_id: str, changes: dict[str, str]) -> Sequence[bytes]:
        if changes.get("place") == "badai":
            raise StoreError("store.damaged")
        seen.append(changes)
        return (repr(changes).encode(),)

    monkeypatch.setattr(WriteLetters, "preview", preview)
    return seen


def texts(presenter: LetterPresenter) -> dict[str, str]:
    return {field.name: field.text for field in presenter.state.fields}


def test_only_what_changes_the_letter_is_drawn_anew(kit: Kit, letter_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = drawn(monkeypatch)
    presenter, _ = opened(kit, letter_id)
    presenter.edit("place", "Balai Desa")
    presenter.edit("dated", "besok")
    presenter.settle()
    again, _ = opened(kit, letter_id)
    again.throw_away()
    assert pages == [{}, {"place": "Balai Desa"}, {}, {"place": "Balai Desa"}, {}]
    assert texts(again)["dated"] == "21-11-2026"


def test_a_page_that_cannot_be_drawn_is_told_unless_the_next_one_is_on_its_way(
    kit: Kit, letter_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = drawn(monkeypatch)
    presenter, tasks = opened(kit, letter_id, COMPUTE)
    for first in ("Balai", "badai"):
        presenter.edit("place", first)
        presenter.edit("place", f"{first} Desa")
        tasks.release(COMPUTE)
        assert pages[-1] == {"place": f"{first} Desa"}
        assert (presenter.state.problem, presenter.state.pages) == (None, (repr(pages[-1]).encode(),))
    presenter.edit("place", "badai")
    tasks.release(COMPUTE)
    assert presenter.state.problem is not None
    presenter.edit("place", "Balai")
    tasks.release(COMPUTE)
    assert (presenter.state.problem, pages[-1]) == (None, {"place": "Balai"})


def test_a_signed_letter_shows_the_pages_of_its_file(kit: Kit, letter_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(monkeypatch)
    monkeypatch.setattr(SignLetters, "pages", lambda *_: (b"signed",))
    issued = kit.context.office.letters.issue(letter_id)
    assert opened(kit, letter_id)[0].state.pages == (b"{}",)
    with kit.store.write() as unit:
        unit.repository(Letter).save(replace(issued, signed_pdf="p1"))
    assert opened(kit, letter_id)[0].state.pages == (b"signed",)


def test_what_was_typed_before_the_letter_is_issued_is_handed_over_with_it_and_not_kept_besides(
    kit: Kit, letter_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = drawn(monkeypatch)
    presenter, tasks = opened(kit, letter_id, STORE)
    presenter.edit("place", "Balai Desa")
    presenter.ask_issue()
    presenter.type_answer("123")
    presenter.accept()
    tasks.tick()  # the time of keeping comes while the letter is being issued
    tasks.release(STORE)
    kept = kit.context.office.letters.get(letter_id)
    assert (kept.state, kept.fields["place"], presenter.state.problem) == (LetterState.ISSUED, "Balai Desa", None)
    assert presenter.state.toast is not None
    assert (presenter.state.toast.tone, presenter.typed()) == (Tone.GOOD, {})
    assert pages[-1] == {}, "drawn as it is issued"
    presenter.ask_void()
    presenter.type_answer("salah")
    presenter.accept()
    tasks.release(STORE)
    assert presenter.state.toast.tone is Tone.NEUTRAL
    assert pages[-2:] == [{}, {}]


def test_what_cannot_be_read_is_still_waiting_when_the_rest_is_kept(kit: Kit, letter_id: str) -> None:
    presenter, _ = opened(kit, letter_id)
    presenter.edit("dated", "besok")
    presenter.edit("place", "Balai Desa")
    presenter.settle()
    again, tasks = opened(kit, letter_id)
    tasks.tick()
    assert kit.context.office.letters.get(letter_id).fields["place"] == "Balai Desa"
    assert (bool(again.state.restored), again.typed()) == (True, {"dated": "besok"})
    again.edit("dated", "22-11-2026")
    tasks.tick()
    assert again.state.restored == ""


def test_a_letter_that_was_issued_elsewhere_takes_no_draft_back(kit: Kit, letter_id: str) -> None:
    presenter, _ = opened(kit, letter_id)
    presenter.edit("place", "Balai Desa")
    presenter.settle()
    kit.context.office.letters.issue(letter_id, "7")
    again, _ = opened(kit, letter_id)
    assert (again.typed(), again.state.restored) == ({}, "")


def test_composed_anew_nothing_waits_any_more(kit: Kit, letter_id: str) -> None:
    presenter, _ = opened(kit, letter_id)
    presenter.edit("place", "Balai Desa")
    presenter.settle()
    again, _ = opened(kit, letter_id)
    assert again.state.restored
    again.compose_again()
    assert (texts(again)["place"], again.state.restored) == ("Desa Jimbe", "")
    assert kit.context.drafts.mine() == []


def test_an_answer_that_is_thrown_away_goes_from_its_field(kit: Kit, letter_id: str) -> None:
    presenter, _ = opened(kit, letter_id)
    presenter.type_answer("nobody asked")
    presenter.ask_issue()
    presenter.type_answer("  ")
    assert presenter.typed() == {}
    presenter.type_answer("12")
    presenter.settle()
    again, _ = opened(kit, letter_id)
    again.ask_issue()
    assert again.state.answer == "12"
    again.throw_away()
    assert again.state.answer == ""


def test_a_field_that_was_pointed_out_is_forgiven_as_soon_as_anything_is_typed(kit: Kit, letter_id: str) -> None:
    presenter, _ = opened(kit, letter_id)
    presenter.edit("place", "")
    presenter.ask_issue()
    presenter.accept()
    assert [field.name for field in presenter.state.fields if field.problem] == ["place"]
    presenter.edit("days", "Selasa")
    assert [field.name for field in presenter.state.fields if field.problem] == []


def test_a_reader_changes_no_text(kit: Kit, letter_id: str) -> None:
    presenter = LetterPresenter(kit.context_of(PENGURUS), SameThread(), Steps(), None, letter_id)  # type: ignore[arg-type]
    presenter.start()
    before = presenter.state
    presenter.edit("place", "x")
    assert presenter.state is before


def test_a_screen_keeps_one_clock_and_none_when_it_is_left(kit: Kit, letter_id: str) -> None:
    presenter, tasks = opened(kit, letter_id, COMPUTE)
    presenter.start()
    presenter.stop()
    assert [timer.is_stopped for timer in tasks.timers] == [True, True]
