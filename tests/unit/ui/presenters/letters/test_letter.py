"""One letter: typed, drawn, kept, issued, printed, made void."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.letters import AT, KADIS, KASI, office
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import User
from fieldkit.ports.delivery import Receipt
from ui.presenters.letters.letter import Ask, LetterPresenter
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.tasks import COMPUTE

_open: list[Kit] = []


def opened_office(folder: Path, *who: User) -> Kit:
    """Open an office that is closed after the test."""
    _open.append(office(folder, *who))
    return _open[-1]


@pytest.fixture(autouse=True)
def _offices_are_closed() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


class Desktop:
    """A `Printing` that remembers what came out."""

    def __init__(self) -> None:
        self.name, self.is_full = "", False
        self.printed: list[int] = []
        self.saved: dict[str, bytes] = {}

    def printer(self) -> str:
        return self.name

    def print_pages(self, pages: Sequence[bytes]) -> None:
        self.printed.append(len(pages))

    def receipt_printer(self) -> str:
        return ""

    def print_receipt(self, receipt: Receipt) -> None:
        raise AssertionError

    def save(self, name: str, pdf: bytes) -> str:
        if self.is_full:
            raise StoreError("print.not_saved", folder="/papers")
        self.saved[name] = pdf
        return f"/papers/{name}.pdf"


class Screen:
    """The presenter over a real store."""

    def __init__(self, folder: Path, kind: LetterKind, user: User = KASI, *held: str) -> None:
        self.kit: Kit = opened_office(folder, KASI)
        self.letters = self.kit.context.office.letters
        self.letter_id = self.letters.draft(kind, AT).thing_id
        self.tasks, self.way, self.desktop = SameThread(*held), Steps(), Desktop()
        context = self.kit.context if user is KASI else opened_office(folder / "other", user).context
        if user is not KASI:  # the same letter on the context of another role
            with context.office.units._store.write() as unit:  # type: ignore[attr-defined]
                unit.repository(Letter).save(self.letters.get(self.letter_id))
        self.presenter = LetterPresenter(context, self.tasks, self.way, self.desktop, self.letter_id)
        self.presenter.start()

    @property
    def kept(self) -> Letter:
        return self.letters.get(self.letter_id)

    def text(self, name: str) -> str:
        return next(field.text for field in self.presenter.state.fields if field.name == name)


@pytest.fixture
def screen(tmp_path: Path) -> Screen:
    return Screen(tmp_path, LetterKind.SURAT_TUGAS)


def test_a_draft_is_shown_with_its_page(screen: Screen) -> None:
    state = screen.presenter.state
    assert (state.stage, state.is_open, state.activity_id) == (Stage.CONTENT, True, AT)
    assert state.pages[0].startswith(b"\x89PNG")
    assert screen.text("days") == "Senin, 23 November 2026"
    assert screen.text("dated") == "21-11-2026"


def test_typing_draws_at_once_and_is_kept_when_it_rests(screen: Screen) -> None:
    before = screen.presenter.state.pages
    screen.presenter.edit("place", "Balai Desa")
    assert screen.presenter.state.pages != before
    assert screen.kept.fields["place"] == "Desa Jimbe"
    screen.tasks.tick()
    assert screen.kept.fields["place"] == "Balai Desa"
    with screen.kit.store.read() as unit:
        edits = len(unit.events.of(screen.letter_id))
    screen.tasks.tick()
    with screen.kit.store.read() as unit:
        assert len(unit.events.of(screen.letter_id)) == edits, "nothing new, nothing written"


def test_leaving_keeps_what_was_typed(screen: Screen) -> None:
    screen.presenter.edit("place", "Balai Desa")
    screen.presenter.stop()
    assert screen.kept.fields["place"] == "Balai Desa"
    screen.presenter.back()
    assert screen.way.taken == [("back",)]


def killed(screen: Screen) -> LetterPresenter:
    """Return the screen of the next start; the one before was never left."""
    presenter = LetterPresenter(screen.kit.context, SameThread(), Steps(), screen.desktop, screen.letter_id)
    presenter.start()
    return presenter


def test_what_was_typed_is_there_after_a_kill_also_what_cannot_be_read(tmp_path: Path) -> None:
    screen = Screen(tmp_path, LetterKind.SURAT_TUGAS)
    screen.presenter.edit("dated", "besok")
    screen.presenter.edit("place", "Balai Desa")
    screen.presenter.settle()  # half a second without a key, and no more
    assert screen.kept.fields["place"] == "Desa Jimbe"
    again = killed(screen)
    texts = {field.name: field for field in again.state.fields}
    assert (texts["place"].text, texts["dated"].text) == ("Balai Desa", "besok")
    assert texts["dated"].problem
    assert again.state.restored
    again.edit("dated", "22-11-2026")
    again.stop()
    assert screen.kept.fields["place"] == "Balai Desa"
    assert list(screen.kit.context.drafts.mine()) == []
    assert killed(screen).state.restored == ""


def test_an_answer_waits_until_it_is_asked_for_again(screen: Screen) -> None:
    screen.presenter.ask_issue()
    screen.presenter.accept()
    screen.presenter.ask_void()
    screen.presenter.type_answer("salah alamat")
    screen.presenter.back()
    screen.presenter.stop()
    again = killed(screen)
    again.ask_void()
    assert again.state.answer == "salah alamat"
    again.ask_number()
    assert again.state.answer == ""
    again.back()
    again.ask_void()
    again.accept()
    assert screen.kept.void_reason == "salah alamat"
    assert list(screen.kit.context.drafts.mine()) == []


def test_what_was_left_can_be_thrown_away_and_taken_back(screen: Screen) -> None:
    screen.presenter.edit("place", "Balai Desa")
    screen.presenter.settle()
    again = killed(screen)
    again.throw_away()
    place = next(field.text for field in again.state.fields if field.name == "place")
    assert (place, list(screen.kit.context.drafts.mine())) == ("Desa Jimbe", [])
    again.take_back()
    assert next(field.text for field in again.state.fields if field.name == "place") == "Balai Desa"


def test_while_a_page_is_drawn_only_the_latest_waits(tmp_path: Path) -> None:
    screen = Screen(tmp_path, LetterKind.SURAT_TUGAS, KASI, COMPUTE)
    screen.tasks.release(COMPUTE)
    for place in ("B", "Ba", "Balai"):
        screen.presenter.edit("place", place)
    assert len(screen.tasks._held[COMPUTE]) == 1
    screen.tasks.release(COMPUTE)
    assert screen.presenter.state.pages == tuple(screen.letters.preview(screen.letter_id, {"place": "Balai"}))


def test_the_letter_is_issued_while_a_page_waits_and_stands_as_issued(tmp_path: Path) -> None:
    screen = Screen(tmp_path, LetterKind.SURAT_TUGAS, KASI, COMPUTE)
    screen.tasks.release(COMPUTE)
    screen.presenter.edit("place", "Balai Desa")
    screen.presenter.ask_issue()
    screen.presenter.type_answer("123")
    screen.presenter.accept()
    screen.tasks.release(COMPUTE)
    state = screen.presenter.state
    assert (screen.kept.state, state.problem) == (LetterState.ISSUED, None)
    assert state.pages == tuple(screen.letters.preview(screen.letter_id))


def test_issuing_asks_for_the_number_and_takes_what_was_typed_last(screen: Screen) -> None:
    screen.presenter.edit("place", "Balai Desa")
    screen.presenter.ask_issue()
    assert screen.presenter.state.ask is Ask.ISSUE
    screen.presenter.edit("place", "late")
    screen.presenter.type_answer("123")
    screen.presenter.accept()
    assert (screen.kept.state, screen.kept.number) == (LetterState.ISSUED, "800.1.11.1/123/409.12/2026")
    assert screen.kept.fields["place"] == "Balai Desa"
    state = screen.presenter.state
    assert (state.ask, state.is_open, state.fields) == (Ask.NOTHING, False, ())
    assert state.toast is not None


def test_a_wrong_field_holds_the_letter_back(screen: Screen) -> None:
    screen.presenter.edit("dated", "besok")
    screen.presenter.ask_issue()
    assert screen.presenter.state.ask is Ask.NOTHING
    assert screen.presenter.state.bar.actions[-1].refused == message("surat.repair_first")


def test_an_empty_field_is_pointed_out(screen: Screen) -> None:
    screen.presenter.edit("place", "")
    screen.presenter.ask_issue()
    screen.presenter.accept()
    problems = [field.name for field in screen.presenter.state.fields if field.problem]
    assert problems == ["place"]
    assert screen.presenter.state.problem is not None
    screen.presenter.edit("place", "Desa Jimbe")
    assert not any(field.problem for field in screen.presenter.state.fields)
    assert screen.presenter.state.problem is None


def test_a_taken_number_is_told_and_can_be_typed_again(screen: Screen) -> None:
    screen.letters.issue(screen.letters.draft(LetterKind.SURAT_TUGAS, AT).thing_id, "7")
    screen.presenter.ask_issue()
    screen.presenter.type_answer("7")
    screen.presenter.accept()
    assert screen.presenter.state.problem is not None
    assert (screen.presenter.state.ask, screen.presenter.state.answer) == (Ask.ISSUE, "7")
    screen.presenter.type_answer("8")
    screen.presenter.accept()
    assert screen.kept.number == "800.1.11.1/8/409.12/2026"


def test_the_question_can_be_taken_back(screen: Screen) -> None:
    screen.presenter.ask_issue()
    screen.presenter.back()
    assert screen.presenter.state.ask is Ask.NOTHING
    assert screen.way.taken == []
    assert screen.kept.state is LetterState.DRAFT


def test_a_number_comes_later(screen: Screen) -> None:
    screen.presenter.ask_issue()
    screen.presenter.accept()
    assert "ask_number" in [action.name for action in screen.presenter.state.bar.actions]
    screen.presenter.ask_number()
    assert screen.presenter.state.bar.actions[-1].refused == message("surat.answer_first")
    screen.presenter.type_answer("9")
    screen.presenter.accept()
    assert screen.kept.number == "800.1.11.1/9/409.12/2026"
    assert "ask_number" not in [action.name for action in screen.presenter.state.bar.actions]


def test_void_with_its_reason(screen: Screen) -> None:
    screen.presenter.ask_issue()
    screen.presenter.accept()
    screen.presenter.ask_void()
    screen.presenter.accept()
    assert screen.presenter.state.problem is not None, "no reason"
    screen.presenter.type_answer("salah tanggal")
    screen.presenter.accept()
    assert screen.kept.state is LetterState.VOID
    assert (message("surat.void_reason"), "salah tanggal") in screen.presenter.state.facts
    assert [action.name for action in screen.presenter.state.bar.actions] == ["save", "print"]


def test_printing_and_keeping(screen: Screen) -> None:
    screen.presenter.ask_issue()
    screen.presenter.accept()
    screen.presenter.print()
    assert list(screen.desktop.saved) == ["surat_tugas-KIT-07-0001"], "no printer: a file"
    screen.desktop.name = "Epson L120"
    screen.presenter.print()
    assert screen.desktop.printed == [1]
    screen.desktop.is_full = True
    screen.presenter.save()
    assert screen.presenter.state.problem is not None


def test_composing_again_takes_what_is_known_now(screen: Screen) -> None:
    screen.presenter.edit("place", "Balai Desa")
    screen.presenter.compose_again()
    assert screen.text("place") == "Desa Jimbe"


def test_another_role_reads_and_does_not_type(tmp_path: Path) -> None:
    screen = Screen(tmp_path, LetterKind.SURAT_TUGAS, PENGURUS)
    assert not screen.presenter.state.is_open
    assert screen.presenter.state.bar.actions[-1].refused == message("surat.not_yours")
    screen.presenter.edit("place", "x")
    screen.presenter.ask_issue()
    assert screen.presenter.state.ask is Ask.NOTHING


def test_the_head_goes_on_to_sign(tmp_path: Path) -> None:
    first = Screen(tmp_path, LetterKind.SURAT_BALASAN)
    first.letters.issue(first.letter_id)
    context = opened_office(tmp_path / "kadis", KADIS).context
    with context.office.units._store.write() as unit:  # type: ignore[attr-defined]
        unit.repository(Letter).save(first.kept)
    way = Steps()
    presenter = LetterPresenter(context, SameThread(), way, Desktop(), first.letter_id)
    presenter.start()
    assert presenter.state.bar.actions[-1].name == "sign"
    presenter.perform(presenter.state.bar.actions[-1])
    assert way.taken == [("push", "sign_letters")]


def test_an_unknown_letter_is_told(tmp_path: Path) -> None:
    presenter = LetterPresenter(opened_office(tmp_path).context, SameThread(), Steps(), Desktop(), "stranger")
    presenter.start()
    assert presenter.state.stage is Stage.ERROR
