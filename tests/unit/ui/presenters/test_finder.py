"""Ctrl K: what is found, in which order, and where it leads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.app_context import ACTIVITY, TARGETS, Kit
from support.applied import CARD
from support.clock import NOW
from support.tasks import SameThread, Steps
from support.whole_office import PEOPLE

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people import Role
from fieldkit.services.search import SearchEverything, SearchResult
from ui.presenters.finder import FinderPresenter, FoundKind
from ui.presenters.home.places import PlacesPresenter
from ui.presenters.parts import Rail
from ui.presenters.presenter import Action, CatalogMessage, Command, Message, message
from ui.presenters.tasks import STORE

LETTER = Letter("s1", "a1", LetterKind.SURAT_TUGAS, "Surat tugas Nadia", "K07-1", {}, "u1", NOW)
WORDS = strict_catalogue("id")


def say(words: Message) -> str:
    return WORDS.text(words.key, **words.params) if isinstance(words, CatalogMessage) else str(words)


class Desk:
    """A finder with what it leads to."""

    def __init__(self, kit: Kit, role: Role, tasks: SameThread) -> None:
        self.steps, self.places = Steps(), list[str]()
        context = kit.context_of(PEOPLE[role])
        self.finder = FinderPresenter(context, tasks, self.steps, say, self.places.append)
        self.rail: Rail = PlacesPresenter(context, tasks).state

    def open(self, *commands: Command) -> None:
        self.finder.open(self.rail, commands)

    def found(self, text: str) -> list[tuple[FoundKind, str]]:
        self.finder.type(text)
        return [(line.kind, line.words) for line in self.finder.state.lines]

    def take(self) -> None:
        line = self.finder.state.line
        assert line is not None
        assert callable(line.command.runs)
        line.command.runs()


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with Kit(tmp_path_factory.mktemp("office")) as kit:
        kit.plan(*TARGETS)
        with kit.store.write() as unit:
            unit.activities.save(replace(ACTIVITY, activity_id="a2", name="Jemput bola Nadirejo"))
            unit.repository(Letter).save(LETTER)
            unit.repository(CardCase).save(replace(CARD, name="NADIA PUTRI", activity_id="a1"))
        yield kit


def desk_of(kit: Kit, role: Role, *held: str) -> Desk:
    return Desk(kit, role, SameThread(*held))


def test_each_kind_is_found_by_a_part_of_its_words_and_opens(kit: Kit) -> None:
    desk = desk_of(kit, Role.KASI)
    desk.open(Command("nadi", "Nadikan daftar", Action.NEW))
    assert desk.found("nadi") == [
        (FoundKind.PERSON, "NADIA PUTRI"),
        (FoundKind.LETTER, "Surat tugas Nadia"),
        (FoundKind.ACTIVITY, "Jemput bola Nadirejo"),
        (FoundKind.DOCUMENT, "NADIA PUTRI"),
        (FoundKind.COMMAND, "Nadikan daftar"),
    ]
    details = [line.detail for line in desk.finder.state.lines]
    assert details[0].startswith("Desa Jimbe · rumah 4")
    assert not any("3505125505120003" in detail for detail in details)
    assert [line.activity.letters if line.activity else "" for line in desk.finder.state.lines] == [
        *("JM", "JM", "JM", "JM", "")
    ]
    for _ in range(4):
        desk.take()
        desk.finder.move(1)
    assert desk.steps.taken == [
        ("push", "targets", "a1", "t4"),
        ("push", "letter", "s1"),
        ("push", "activity", "a2"),
        ("push", "distribution", CARD.thing_id, "a1"),
    ]
    assert desk.finder.state.line is not None
    assert desk.finder.state.line.is_of_screen
    desk.finder.move(1)
    assert desk.finder.state.at == 0


def test_before_anything_is_typed_the_places_and_the_commands_stand_there(kit: Kit) -> None:
    desk = desk_of(kit, Role.KEPALA_DINAS)
    desk.open(Command("approve", message("act.approve"), Action.APPROVE, refused="Belum ada rencana."))
    lines = desk.finder.state.lines
    assert [line.command.name for line in lines][:2] == ["home", "letters"]
    refused = next(line for line in lines if line.command.name == "approve")
    assert refused.detail == "Belum ada rencana."
    assert {"sign", "settings", "lock", "help"} <= {line.command.name for line in lines}
    assert len({(line.kind, line.words) for line in lines}) == len(lines)
    desk.take()
    assert desk.places == ["home"]


def test_where_nothing_is_found_the_arrows_do_nothing(kit: Kit) -> None:
    desk = desk_of(kit, Role.KASI)
    desk.open()
    assert desk.found("zzzz") == []
    desk.finder.move(1)
    assert (desk.finder.state.at, desk.finder.state.line) == (0, None)


def test_only_who_may_sign_finds_the_way_to_it(kit: Kit) -> None:
    for role, is_found in ((Role.KEPALA_DINAS, True), (Role.KASI, False)):
        desk = desk_of(kit, role)
        desk.open()
        desk.finder.type("tanda tangan")
        assert ("sign" in [line.command.name for line in desk.finder.state.lines]) is is_found


def test_a_kind_alone_shows_more_of_it_and_tab_comes_round(kit: Kit) -> None:
    desk = desk_of(kit, Role.KASI)
    desk.open()
    desk.finder.type("a")
    assert sum(line.kind is FoundKind.SCREEN for line in desk.finder.state.lines) == 3
    kinds = list(dict.fromkeys(line.kind for line in desk.finder.state.lines))
    for kind in kinds:
        desk.finder.narrow()
        assert {line.kind for line in desk.finder.state.lines} == {kind}
        if kind is FoundKind.SCREEN:
            assert len(desk.finder.state.lines) > 3
    desk.finder.narrow()
    assert desk.finder.state.only is None
    desk.finder.narrow(-1)
    assert desk.finder.state.only is kinds[-1]


def test_only_the_latest_text_is_read_and_late_answers_find_nothing_else(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, find = list[str](), SearchEverything.find

    def noted(search: SearchEverything, text: str, limit: int) -> SearchResult:
        asked.append(text)
        return find(search, text, limit)

    monkeypatch.setattr(SearchEverything, "find", noted)
    tasks = SameThread(STORE)
    desk = Desk(kit, Role.KASI, tasks)
    desk.open()
    tasks.release(STORE)
    for text in ("n", "na", "nad", "nadia"):
        desk.finder.type(text)
    assert desk.finder.state.is_asking
    tasks.release(STORE)
    tasks.release(STORE)
    assert asked == ["n", "nadia"]
    assert not desk.finder.state.is_asking
    assert FoundKind.PERSON in [line.kind for line in desk.finder.state.lines]


def test_a_store_that_cannot_be_read_is_told(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> None:
        raise StoreError("store.damaged")

    desk = desk_of(kit, Role.LOKET)
    desk.open()
    monkeypatch.setattr(SearchEverything, "find", damaged)
    desk.finder.type("nadia")
    assert isinstance(desk.finder.state.problem, Problem)
    monkeypatch.undo()
    desk.finder.type("nadi")
    assert desk.finder.state.problem is None
    assert desk.found("nadi")[0] == (FoundKind.PERSON, "NADIA PUTRI")
