"""What can be done with a letter, and what is said of it, by its state and its reader."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from support.app_context import PENGURUS, Kit
from support.clock import NOW
from support.letters import AT, KADIS, KASI, office
from support.tasks import SameThread, Steps

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import User
from ui.presenters.letters.letter import Ask, LetterPresenter
from ui.presenters.presenter import Command, Weight, message
from ui.presenters.tasks import COMPUTE

K, S = LetterKind, LetterState
_numbers = count()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """One office for all of the file; every letter is another one."""
    with office(tmp_path_factory.mktemp("desk")) as kit:
        yield kit


def opened(kit: Kit, kind: LetterKind, state: LetterState, user: User = KASI, **changes: object) -> LetterPresenter:
    """Return the screen of a letter whose pages nobody draws."""
    fields = changes.pop("fields", {})
    letter = Letter(f"l{next(_numbers)}", AT, kind, "Surat", "K-1", fields, "u4", NOW, state, **changes)  # type: ignore[arg-type]
    with kit.store.write() as unit:
        unit.repository(Letter).save(letter)
    context = kit.context_of(user)
    presenter = LetterPresenter(context, SameThread(COMPUTE), Steps(), None, letter.thing_id)  # type: ignore[arg-type]
    presenter.start()
    return presenter


def named(presenter: LetterPresenter) -> dict[str, Command]:
    return {command.name: command for command in presenter.state.bar.actions}


BY_TWO = {"fields": {"name": "Ani", "officer": "Dwi"}}


@pytest.mark.parametrize(
    ("kind", "state", "user", "changes", "offered"),
    [
        (K.SURAT_TUGAS, S.ISSUED, KASI, {}, "ask_void ask_number save print"),
        (K.SURAT_TUGAS, S.ISSUED, KASI, {"number": "1"}, "ask_void save print"),
        (K.SURAT_TUGAS, S.ISSUED, KASI, {"signed_pdf": "p"}, "ask_void save print"),
        (K.SURAT_TUGAS, S.WAITING, KASI, {}, "ask_void ask_number save print"),
        (K.SURAT_TUGAS, S.UNKNOWN, KASI, {}, "save print"),
        (K.SURAT_TUGAS, S.VOID, KASI, {}, "save print"),
        (K.SURAT_TUGAS, S.ISSUED, PENGURUS, {}, "save print"),
        (K.SURAT_TUGAS, S.ISSUED, KADIS, {}, "save print"),
        (K.SURAT_TUGAS, S.WAITING, KADIS, {}, "save print sign"),
        (K.BUKTI_PEREKAMAN, S.ISSUED, PENGURUS, {}, "ask_void ask_number save print"),
        (K.F_1_04, S.ISSUED, KASI, BY_TWO, "take_ink ask_void ask_number save print"),
        (K.F_1_04, S.ISSUED, PENGURUS, BY_TWO, "save print"),
        (K.SURAT_TUGAS, S.DRAFT, KASI, {}, "compose_again ask_issue"),
        (K.F_1_04, S.DRAFT, KASI, BY_TWO, "ask_issue"),
    ],
)
def test_what_can_be_done_follows_from_state_role_and_number(
    desk: Kit, kind: LetterKind, state: LetterState, user: User, changes: dict[str, object], offered: str
) -> None:
    presenter = opened(desk, kind, state, user, **changes)
    commands = named(presenter)
    assert list(commands) == offered.split()
    primary = [name for name, command in commands.items() if command.weight is Weight.PRIMARY]
    assert primary == [offered.split()[-1]]
    waits, keys = message("surat.waits_note"), message("surat.form_keys")
    assert presenter.state.bar.note == {S.WAITING: waits, S.DRAFT: keys}.get(state, "")


@pytest.mark.parametrize(
    ("user", "fields", "typed", "words", "again", "issue"),
    [
        (KASI, {}, "22-11-2026", "surat.issue", "", ""),
        (KASI, {"signing": "tte"}, "22-11-2026", "surat.issue_tte", "", ""),
        (KASI, {}, "besok", "surat.issue", "", message("surat.repair_first")),
        (PENGURUS, {}, "", "surat.issue", message("surat.not_yours"), message("surat.not_yours")),
    ],
)
def test_a_draft_is_issued_by_its_writer_once_all_of_it_can_be_read(
    desk: Kit, user: User, fields: dict[str, str], typed: str, words: str, again: object, issue: object
) -> None:
    presenter = opened(desk, K.SURAT_TUGAS, S.DRAFT, user, fields=fields)
    if typed:
        presenter.edit("dated", typed)
    commands = named(presenter)
    assert commands["ask_issue"].words == message(words)
    assert (commands["compose_again"].refused, commands["ask_issue"].refused) == (again, issue)


@pytest.mark.parametrize(
    ("kind", "ask", "hint", "is_free"),
    [
        (K.SURAT_TUGAS, Ask.ISSUE, message("surat.number_hint", pattern="800.1.11.1/{}/409.12/2026"), True),
        (K.F_1_04, Ask.NUMBER, "", False),
        (K.SURAT_TUGAS, Ask.VOID, message("surat.reason_hint"), False),
    ],
)
def test_each_question_says_what_it_wants(desk: Kit, kind: LetterKind, ask: Ask, hint: object, is_free: bool) -> None:
    presenter = opened(desk, kind, S.DRAFT if ask is Ask.ISSUE else S.ISSUED)
    {Ask.ISSUE: presenter.ask_issue, Ask.NUMBER: presenter.ask_number, Ask.VOID: presenter.ask_void}[ask]()
    assert presenter.state.ask is ask
    if ask is Ask.ISSUE:
        assert getattr(presenter.state.answer_hint, "key", "") == "surat.number_hint"
    else:
        assert presenter.state.answer_hint == hint
    refused = []
    for answer in ("", " ", "7"):
        presenter.type_answer(answer)
        refused.append(bool(presenter.state.bar.actions[-1].refused))
    assert refused == [not is_free, not is_free, False]


@pytest.mark.parametrize(
    ("state", "changes", "told"),
    [
        (S.DRAFT, {"digest": "ab" * 32}, {"provisional_number": "K-1"}),
        (
            S.ISSUED,
            {"digest": "ab" * 32, "number": "7", "issued_at": NOW},
            {
                "number": "7",
                "provisional_number": "K-1",
                "issued_at": "21-11-2026 09.00",
                "digest": "abababababababab",
            },
        ),
        (S.VOID, {"void_reason": "salah"}, {"provisional_number": "K-1", "void_reason": "salah"}),
    ],
)
def test_what_is_known_of_a_letter_is_told(
    desk: Kit, state: LetterState, changes: dict[str, object], told: dict[str, str]
) -> None:
    facts = opened(desk, K.SURAT_TUGAS, state, **changes).state.facts
    assert facts == tuple((message(f"surat.{name}"), said) for name, said in told.items())


def test_before_a_letter_is_read_nothing_happens_to_it(desk: Kit) -> None:
    tasks = SameThread("store")
    presenter = LetterPresenter(desk.context, tasks, Steps(), None, "stranger")  # type: ignore[arg-type]
    presenter.start()
    before = presenter.state
    presenter.edit("place", "Balai Desa")
    presenter.type_answer("7")
    for act in (presenter.ask_issue, presenter.ask_number, presenter.ask_void, presenter.accept, tasks.tick):
        act()
    assert (presenter.state, presenter.typed(), tasks._held["store"][1:]) == (before, {}, [])
    presenter.compose_again()
    tasks.release("store")
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "store.not_found"
