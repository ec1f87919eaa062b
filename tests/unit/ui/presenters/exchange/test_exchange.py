from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.apart import Stick, brought_together, worked_apart
from support.app_context import KETUA, TARGETS, Kit
from support.clock import NOW
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.people import Role, User
from fieldkit.ports.exchange import Peer, Watermark
from fieldkit.services.exchange.exchange import Exchange, MadeBundle, TakenOver, Team
from ui.presenters.exchange.exchange import ConflictPresenter, Conflicts, ExchangePresenter, kind_words
from ui.presenters.parts import Stage, Tag, Tone
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


@pytest.fixture
def stick(kit: Kit, tmp_path: Path) -> Stick:
    return worked_apart(kit, tmp_path, "t1", "a1")


def opened(kit: Kit, user: User = KETUA) -> ExchangePresenter:
    presenter = ExchangePresenter(kit.context_of(user), SameThread(), Steps())
    presenter.start()
    return presenter


def numbers(presenter: ExchangePresenter) -> list[str]:
    assert presenter.state.outcome is not None
    return [number.value for number in presenter.state.outcome.numbers]


def test_the_code_is_asked_for_and_the_counts_are_told(kit: Kit, stick: Stick) -> None:
    presenter = opened(kit)
    presenter.type_place(str(stick.folder))
    presenter.accept()
    assert presenter.state.wants_code
    presenter.type_code("AAAA-AAAA-AAAA-AAAA")
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "exchange.wrong_code"
    assert presenter.state.wants_code
    presenter.type_code(stick.code)
    presenter.accept()
    assert numbers(presenter)[-1] == "1"
    assert (presenter.state.wants_code, presenter.state.code, presenter.state.rows.count) == (False, "", 1)
    assert message("exchange.conflicts_count", count=1) in [tag.words for tag in presenter.state.tags]


def test_a_second_reading_brings_nothing_new(kit: Kit, stick: Stick) -> None:
    presenter = opened(kit)
    presenter.type_place(str(stick.file))
    for _ in range(2):
        presenter.type_place(str(stick.file))
        presenter.accept()
        presenter.type_code(stick.code)
        presenter.accept()
    assert numbers(presenter)[:2] == ["0", "0"]


def test_the_first_file_has_a_code_and_later_ones_open_by_themselves(kit: Kit, stick: Stick, tmp_path: Path) -> None:
    usb = tmp_path / "mine"
    usb.mkdir()
    presenter = opened(kit)
    presenter.type_place(str(usb))
    presenter.make()
    assert presenter.state.outcome is not None
    assert presenter.state.outcome.code
    kit.context_of(KETUA).office.exchange.take(stick.file.read_bytes(), stick.code)
    kit.clock.advance(seconds=1)
    presenter.make()
    assert not presenter.state.outcome.code
    kit.clock.advance(seconds=1)
    presenter.make(for_new=True)
    assert presenter.state.outcome.code
    assert len(list(usb.iterdir())) == 3


def test_without_a_place_and_without_the_role_it_says_why(kit: Kit) -> None:
    presenter = opened(kit)
    assert presenter.state.bar.actions[-1].refused == message("exchange.no_place")
    presenter.accept()
    assert presenter.state.stage is Stage.CONTENT
    presenter.type_place("/tmp")
    assert [action.refused for action in presenter.state.bar.actions[1:]] == [""] * 3
    others = opened(kit, User("u12", "Teguh", Role.OPERATOR_CETAK))
    others.type_place("/tmp")
    assert [action.refused for action in others.state.bar.actions[1:]] == [message("exchange.not_yours")] * 3


PEER = Peer("KIT-09", "c9", Watermark(), Watermark(), "", "", NOW)
TEAM = Team("KIT-07", (PEER,), 0, None)
TAKEN = TakenOver("KIT-09", "Agus", NOW, 3, 2, 1, 0, 9)


def met(kit: Kit, monkeypatch: pytest.MonkeyPatch, team: Team = TEAM) -> ExchangePresenter:
    monkeypatch.setattr(Exchange, "team", lambda _: team)
    return opened(kit)


@pytest.mark.parametrize(
    ("team", "tags", "refused"),
    [
        (TEAM, [message("exchange.this_kit", kit="KIT-07")], message("exchange.no_conflicts")),
        (
            replace(TEAM, conflicts=2, made_at=NOW),
            [
                message("exchange.this_kit", kit="KIT-07"),
                message("exchange.made_last", at="21-11-2026 09.00"),
                message("exchange.conflicts_count", count=2),
            ],
            "",
        ),
    ],
)
def test_what_stands_between_the_laptops_is_told(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, team: Team, tags: list[object], refused: object
) -> None:
    state = met(kit, monkeypatch, team).state
    assert ([tag.words for tag in state.tags], state.bar.actions[0].refused) == (tags, refused)


@pytest.mark.parametrize(
    ("revision", "words", "tone"), [(0, "knows_nothing", Tone.CAUTION), (1, "knows_some", Tone.GOOD)]
)
def test_a_laptop_that_knows_nothing_of_this_one_is_told(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, revision: int, words: str, tone: Tone
) -> None:
    peer = replace(PEER, knows=replace(PEER.knows, revision=revision))
    row = met(kit, monkeypatch, replace(TEAM, peers=(peer,))).state.rows.row(0)
    assert row.cells[2].tags == (Tag(message(f"exchange.{words}"), tone),)


@pytest.mark.parametrize(
    ("needs", "typed", "asks"),
    [(True, "", True), (True, "  ", True), (True, "AAAA", False), (False, "", False)],
)
def test_a_code_is_asked_only_for_a_file_that_needs_one(
    kit: Kit, stick: Stick, monkeypatch: pytest.MonkeyPatch, needs: bool, typed: str, asks: bool
) -> None:
    taken: list[str] = []
    monkeypatch.setattr(Exchange, "wants_code", lambda *_: needs)
    monkeypatch.setattr(Exchange, "take", lambda _exchange, _content, code: (taken.append(code), TAKEN)[1])
    presenter = opened(kit)
    presenter.type_place(str(stick.file))
    presenter.type_code(typed)
    presenter.accept()
    assert (presenter.state.wants_code, taken) == (asks, [] if asks else [typed])


@pytest.mark.parametrize(
    ("conflicts", "detail", "tone"), [(0, "", Tone.NEUTRAL), (2, message("exchange.look"), Tone.CAUTION)]
)
def test_what_a_file_brought_is_counted(
    kit: Kit, stick: Stick, monkeypatch: pytest.MonkeyPatch, conflicts: int, detail: object, tone: Tone
) -> None:
    monkeypatch.setattr(Exchange, "wants_code", lambda *_: False)
    monkeypatch.setattr(Exchange, "take", lambda *_: replace(TAKEN, conflicts=conflicts))
    presenter = met(kit, monkeypatch)
    monkeypatch.setattr(Exchange, "team", lambda _: replace(TEAM, conflicts=7))
    presenter.type_place(str(stick.file))
    presenter.accept()
    assert presenter.state.tags[-1].words == message("exchange.conflicts_count", count=7), "who was met is read anew"
    outcome = presenter.state.outcome
    assert outcome is not None
    assert (outcome.detail, [number.value for number in outcome.numbers]) == (detail, ["3", "1", "2", str(conflicts)])
    assert [number.tone for number in outcome.numbers] == [*[Tone.NEUTRAL] * 3, tone]
    presenter.type_place(str(stick.folder / "nowhere.tukar"))
    presenter.accept()
    assert (presenter.state.outcome, presenter.state.problem is not None) == (None, True)


def test_what_was_settled_unsigned_is_counted_apart(kit: Kit, stick: Stick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Exchange, "wants_code", lambda *_: False)
    monkeypatch.setattr(Exchange, "take", lambda *_: replace(TAKEN, unsigned=4))
    presenter = met(kit, monkeypatch)
    presenter.type_place(str(stick.file))
    presenter.accept()
    outcome = presenter.state.outcome
    assert outcome is not None
    last = outcome.numbers[-1]
    assert (last.value, last.label, last.tone) == ("4", message("exchange.count_unsigned"), Tone.CAUTION)


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("ABCD", message("exchange.say_code", count=5)),
        ("", message("exchange.opens_by_itself", count=5, kits="KIT-08, KIT-09")),
    ],
)
def test_what_was_made_says_who_opens_it(
    kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, detail: object
) -> None:
    made = MadeBundle("KIT-07-a.tukar", b"x", code, 5, ("KIT-08", "KIT-09"))
    monkeypatch.setattr(Exchange, "make", lambda *_: made)
    presenter = opened(kit)
    presenter.make()
    assert presenter.state.outcome is None, "no place is named"
    presenter.type_place(str(tmp_path))
    monkeypatch.setattr(Exchange, "team", lambda _: replace(TEAM, made_at=NOW))
    presenter.make()
    assert presenter.state.tags[-1].words == message("exchange.made_last", at="21-11-2026 09.00")
    assert presenter.state.outcome is not None
    assert (presenter.state.outcome.detail, presenter.state.outcome.code) == (detail, code)


def test_the_list_of_laptops_is_searched(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter = met(kit, monkeypatch)
    presenter.search(" kit-09 ")
    assert (presenter.state.rows.row(0).name, presenter.state.rows.total) == ("KIT-09", 1)
    presenter.search("kit-1")
    assert presenter.state.rows.count == 0


def test_before_the_team_is_read_only_what_is_typed_is_shown(kit: Kit) -> None:
    presenter = ExchangePresenter(kit.context, SameThread(), Steps())
    presenter.type_place("/media/x")
    presenter.search("kit")
    assert (presenter.state.stage, presenter.state.place) == (Stage.LOADING, "/media/x")


def test_what_differs_is_listed_with_both_sides_and_opens(kit: Kit, tmp_path: Path) -> None:
    brought_together(kit, tmp_path, "t1", "a1")
    steps = Steps()
    listing = Listing(Conflicts(kit.context, steps).screen(), SameThread(), steps)
    what, about, one, other = listing.rows[0].cells
    assert (what.words, about.words) == (kind_words("visit"), TARGETS[0].biodata.name)
    assert {one.detail, other.detail} == {"21-11-2026 09.14", "21-11-2026 09.21"}
    listing.press("accept")
    assert steps.taken[-1][:3] == ("push", "conflict", "visit")
    listing.presenter.search("zzz")
    assert listing.presenter.state.bar.actions == ()


def test_nothing_that_differs_is_said(kit: Kit, steps: Steps) -> None:
    listing = Listing(Conflicts(kit.context, steps).screen(), SameThread(), steps)
    assert listing.presenter.state.nothing.title == message("conflicts.none")


def test_a_conflict_that_is_not_read_yet_shows_nothing(idle: Kit) -> None:
    assert ConflictPresenter(idle.context, SameThread(), Steps(), "visit", "v1").state.stage is Stage.LOADING
