from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit
from support.listing import Listing, at_row, refusals
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.nik import Sex
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.formats.target_sheets import SpreadsheetFiles
from ui.presenters.lists import Facts, Hint
from ui.presenters.presenter import message
from ui.presenters.targets.targets import SiakAnswerPresenter, VerifyTargets


class Folder:
    """Keeps what is saved."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return f"/map/{name}"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps | None = None, folder: Folder | None = None) -> Listing:
    way = steps or Steps()
    verify = VerifyTargets(kit.context, way, folder or Folder(), strict_catalogue("id"), "a1")
    return Listing(verify.screen(), SameThread(), way)


def test_the_unchecked_stand_first_and_a_verdict_takes_one_off_until_it_is_taken_back(kit: Kit) -> None:
    listing = opened(kit)
    assert (len(listing.names), listing.panels(Facts)[0].title) == (7, "MISINEM")
    listing.presenter.select("t2")
    listing.press("pindah")
    listing.presenter.refresh()
    assert len(listing.names) == 6
    assert (listing.chips["pindah"], listing.chips["all"]) == (1, 7)
    assert kit.context.visits.target("t2").verdict is TargetVerdict.PINDAH
    toast = listing.presenter.state.toast
    assert toast is not None
    assert toast.undo is not None
    listing.presenter.perform(toast.undo)
    assert kit.context.visits.target("t2").verdict is TargetVerdict.BELUM_DICEK


def test_all_that_a_search_shows_are_ticked_and_verified(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.search("misinem")
    listing.presenter.tick_all()
    listing.press("verify")
    assert kit.context.office.verification.tally("a1")[TargetVerdict.TERVERIFIKASI] == 1
    listing.presenter.search("")
    listing.presenter.refresh()
    listing.presenter.tick_all()
    assert listing.offered("verify").words == message("cek.verify", count=6)
    listing.press("verify")
    assert kit.context.office.verification.tally("a1") == {TargetVerdict.TERVERIFIKASI: 7}


def test_a_list_of_hundreds_does_not_end_at_some_row(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.targets.save(replace(TARGETS[0], target_id=f"n{number}", house=10 + number) for number in range(300))
    assert len(opened(kit).names) == 307


def test_who_is_recorded_is_judged_no_more(kit: Kit) -> None:
    kit.seal(1, TARGETS[0])
    listing = opened(kit)
    listing.presenter.select("t1")
    assert listing.offered("verify").refused == message("cek.not_open")
    listing.presenter.tick_all()
    assert "t1" not in listing.ticked


def test_the_list_goes_out_and_its_answer_comes_in(kit: Kit, tmp_path: Path) -> None:
    steps, folder = Steps(), Folder()
    listing = opened(kit, steps, folder)
    listing.press("export")
    ((name, content),) = folder.saved.items()
    (sheet,) = SpreadsheetFiles().read(name, content)
    rows = [(*map(str, row.cells[:2]), "terverifikasi") for row in sheet.rows[1:-1]]
    answer = tmp_path / name
    answer.write_bytes(SpreadsheetFiles().write("x", ("ID Sasaran", "NIK", "Hasil"), rows))
    listing.press("read_answer")
    assert steps.taken == [("push", "siak_answer", "a1")]
    reading = SiakAnswerPresenter(kit.context, SameThread(), steps, "a1")
    reading.type_path(str(answer))
    reading.accept()
    reading.accept()
    listing.presenter.refresh()
    assert listing.names == []
    listing.press("export")
    assert listing.presenter.state.problem is not None
    assert listing.presenter.state.problem.code == "verify.nothing_left"


MINE, NOBODY, OVER = "cek.not_yours", "cek.nobody_shown", "cek.not_open"


@pytest.mark.parametrize(
    ("user", "states", "refused"),
    [
        (KETUA, [TargetState.PLANNED], ""),
        (KETUA, [TargetState.POSTPONED, TargetState.CANCELLED], ""),
        (KETUA, [], NOBODY),
        (KETUA, [TargetState.RECORDING], OVER),
        (KETUA, [TargetState.PLANNED, TargetState.RECORDED], OVER),
        (PENGURUS, [TargetState.RECORDED], MINE),
        (PENGURUS, [], MINE),
    ],
)
def test_who_was_not_visited_yet_is_judged_by_those_who_may(
    idle: Kit, user: User, states: list[TargetState], refused: str
) -> None:
    screen = VerifyTargets(idle.context_of(user), Steps(), Folder(), strict_catalogue("id"), "a1").screen()
    rows = [replace(TARGETS[0], state=state) for state in states]
    said = refusals(screen, at_row(rows[0] if rows else None, ticked=rows))
    told = {name: getattr(words, "key", words) for name, words in said.items()}
    verdicts = {*(each.value for each in TargetVerdict if each is not TargetVerdict.TERVERIFIKASI), "verify"}
    beside = MINE if user is PENGURUS else ""
    assert told == {**dict.fromkeys(verdicts, refused), "export": beside, "read_answer": beside}
    assert [screen.ticks(row) for row in rows] == [
        user is KETUA and row.state not in (TargetState.RECORDING, TargetState.RECORDED) for row in rows
    ]


def test_what_is_odd_about_a_nik_is_told_in_the_row_and_beside_it(idle: Kit) -> None:
    screen = VerifyTargets(idle.context, Steps(), Folder(), strict_catalogue("id"), "a1").screen()
    fine, odd = TARGETS[0], replace(TARGETS[0], biodata=replace(TARGETS[0].biodata, sex=Sex.MALE))
    assert [len(screen.heads[4].cell(each).tags) for each in (fine, odd)] == [0, 1]
    assert [[type(panel) for panel in screen.side(at_row(each))] for each in (fine, odd, None)] == [
        [Facts],
        [Facts, Hint],
        [],
    ]


@pytest.mark.parametrize("user", [PENGURUS])
def test_others_see_and_cannot_judge(tmp_path: Path, user: User) -> None:
    kit = Kit(tmp_path, user)
    kit.plan(*TARGETS)
    listing = opened(kit)
    for name in ("verify", "pindah", "export"):
        assert listing.offered(name).refused == message("cek.not_yours")
        listing.press(name)
    assert kit.context.visits.target("t1").verdict is TargetVerdict.BELUM_DICEK
    kit.store.close()
