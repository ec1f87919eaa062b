"""What a row of the list of letters says, and what may be done with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import PENGURUS, Kit
from support.clock import NOW
from support.letters import AT, KASI
from support.listing import at_row
from support.tasks import Steps

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import User
from fieldkit.services.letters.sign_letters import SignLetters
from fieldkit.services.letters.write_letters import WriteLetters
from ui.presenters.figures import FigureCell
from ui.presenters.letters.letters import LetterEntry, Letters, paper_of
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Message, message

K, S = LetterKind, LetterState
LETTER = Letter("l1", AT, K.SURAT_TUGAS, "Surat tugas Jimbe", "K-1", {}, "u4", NOW, number="7")
NEXT_DAY = NOW.replace(day=NOW.day + 1)
THERE, MISSING = LetterEntry(K.SURAT_TUGAS, LETTER), LetterEntry(K.SURAT_TUGAS)


def list_of(kit: Kit, activity_id: str = AT, user: User = KASI) -> Letters:
    return Letters(kit.context_of(user), Steps(), activity_id)


@pytest.mark.parametrize(
    ("entry", "column", "cell", "order"),
    [
        (THERE, 0, FigureCell(message("letter.surat_tugas"), LETTER.title, is_strong=True), "surat_tugas"),
        (MISSING, 0, FigureCell(message("letter.surat_tugas"), is_muted=True), "surat_tugas"),
        (THERE, 1, FigureCell("7", message("surat.provisional", number="K-1")), "7"),
        (
            LetterEntry(K.SURAT_TUGAS, replace(LETTER, number="")),
            1,
            FigureCell(message("surat.provisional", number="K-1"), is_muted=True),
            "",
        ),
        (MISSING, 1, FigureCell(), ""),
        (THERE, 2, FigureCell(tags=(Tag(message("surat.state_draft"), Tone.SOFT),)), "draft"),
        (MISSING, 2, FigureCell(tags=(Tag(message("surat.missing"), Tone.NEUTRAL),)), "None"),
        (THERE, 3, FigureCell("21-11-2026"), str(NOW)),
        (LetterEntry(K.SURAT_TUGAS, replace(LETTER, issued_at=NEXT_DAY)), 3, FigureCell("22-11-2026"), str(NOW)),
        (MISSING, 3, FigureCell(""), "None"),
    ],
)
def test_a_row_tells_of_a_letter_or_of_what_is_missing(
    idle: Kit, entry: LetterEntry, column: int, cell: FigureCell, order: str
) -> None:
    head = list_of(idle).screen().heads[column]
    assert head.order is not None
    assert (head.cell(entry), head.order(entry)) == (cell, order)


def test_each_chip_shows_its_states_and_a_missing_letter_has_one_of_its_own(idle: Kit) -> None:
    entries = {"missing": MISSING, **{state.value: LetterEntry(K.SPPD, replace(LETTER, state=state)) for state in S}}
    (chips,) = list_of(idle).screen().filters
    assert {chip.name: [name for name, entry in entries.items() if chip.takes(entry)] for chip in chips[1:]} == {
        "draft": ["draft"],
        "waiting": ["waiting", "unknown"],
        "issued": ["issued"],
        "void": ["void"],
        "missing": ["missing"],
    }
    assert [chip.name for chip in list_of(idle, "").screen().filters[0]] == [
        "all",
        "draft",
        "waiting",
        "issued",
        "void",
    ]


def test_a_row_is_known_and_found_by_its_letter_or_by_what_is_missing(idle: Kit) -> None:
    screen = list_of(idle).screen()
    assert [screen.name(entry) for entry in (THERE, MISSING)] == ["l1", "missing:surat_tugas"]
    assert [screen.text(entry) for entry in (THERE, MISSING)] == [LETTER.words, "surat tugas"]
    assert (screen.title, list_of(idle, "").screen().title) == (message("surat.title"), message("surat.archive"))


NOT_YOURS, FIRST, ITSELF = message("surat.not_yours"), message("common.choose_letter"), message("surat.by_itself")


@pytest.mark.parametrize(
    ("user", "entry", "words", "accept", "another"),
    [
        (KASI, THERE, "surat.open", "", ""),
        (KASI, MISSING, "surat.write", "", ""),
        (PENGURUS, THERE, "surat.open", "", NOT_YOURS),
        (PENGURUS, MISSING, "surat.write", NOT_YOURS, NOT_YOURS),
        (KASI, LetterEntry(K.BUKTI_PEREKAMAN, LETTER), "surat.open", "", ITSELF),
        (KASI, LetterEntry(K.BUKTI_PEREKAMAN), "surat.write", ITSELF, ITSELF),
        (KASI, None, "surat.open", FIRST, FIRST),
    ],
)
def test_a_letter_is_opened_by_everybody_and_begun_by_its_writer(
    idle: Kit, user: User, entry: LetterEntry | None, words: str, accept: Message, another: Message
) -> None:
    commands = {command.name: command for command in list_of(idle, user=user).screen().commands(at_row(entry))}
    assert list(commands) == ["archive", "draft_another", "accept"]
    assert commands["accept"].words == message(words)
    assert (commands["accept"].refused, commands["draft_another"].refused) == (accept, another)


def test_a_signed_paper_is_brought_out_with_the_pages_of_its_file(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WriteLetters, "pdf", lambda *_: b"%PDF")
    monkeypatch.setattr(WriteLetters, "sheets", lambda *_: (b"drawn",))
    monkeypatch.setattr(SignLetters, "pages", lambda *_: (b"signed",))
    told = [paper_of(idle.context, replace(LETTER, signed_pdf=signed)).sheets for signed in ("", "p1")]
    assert told == [(b"drawn",), (b"signed",)]
