from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.aided import aided, key, proposed
from support.desk import PENGURUS, PETUGAS, Kit
from support.letters import AT, KADIS, KASI
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.aid import AidNote, AidState, Dtsen, Program
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import User
from ui.presenters.aid.aid import AidPresenter
from ui.presenters.parts import Stage, Tone
from ui.presenters.words import phrase

S, P = AidState, Program


class Folder:
    """Keeps what is saved."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return f"/map/{name}"


class Broken(SameThread):
    """Lanes on which everything fails."""

    def run(self, _lane, _func, _done, failed) -> None:
        failed(Problem("store.disk_full"))


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = aided(tmp_path)
    yield kit
    kit.store.close()


def opened(
    kit: Kit,
    steps: Steps | None = None,
    user: User = KASI,
    folder: Folder | None = None,
    tasks: SameThread | None = None,
) -> AidPresenter:
    messages, desk = strict_catalogue("id"), kit.desk_of(user)
    presenter = AidPresenter(desk, tasks or SameThread(), steps or Steps(), folder or Folder(), messages, AT)
    presenter.start()
    return presenter


def names(presenter: AidPresenter) -> list[str]:
    rows = presenter.state.rows
    return [rows.row(at).name for at in range(rows.count)]


def refused(presenter: AidPresenter) -> dict[str, bool]:
    state = presenter.state
    more = [action for action in (state.export, state.write_note) if action is not None]
    return {action.name: bool(action.refused) for action in (*state.bar.actions, *more)}


def test_enter_leads_from_the_note_to_the_delivery(kit: Kit) -> None:
    steps, aid = Steps(), kit.desk.office.aid
    presenter = opened(kit, steps)
    assert presenter.state.about == "MISINEM"
    presenter.accept()
    aid.note("t1", AidNote(Dtsen.BELUM, wanted=(P.PKH,)))
    told = []
    for state, reason in ((S.DIUSULKAN, ""), (S.DITOLAK, "penuh"), (S.DIUSULKAN, ""), (S.DITETAPKAN, "")):
        presenter.start()
        told.append(presenter.state.bar.actions[-1].words)
        presenter.accept()
        aid.move(AT, [key(1)], proposed(state=state, reason=reason))
    aid.move(AT, [key(1)], proposed(state=S.DISALURKAN))
    presenter.start()
    presenter.select("t1 pkh")
    assert told == [phrase(f"aid.after_{each}") for each in ("dicatat", "diusulkan", "ditolak", "diusulkan")]
    assert presenter.state.bar.actions[-1].refused == phrase("aid.nothing_left")
    presenter.accept()
    presenter.move_all()
    assert steps.taken == [("push", "aid_note", "t1"), *[("push", "aid_step", AT, "t1 pkh")] * 4]


def test_all_that_are_as_far_go_together(kit: Kit) -> None:
    steps, aid = Steps(), kit.desk.office.aid
    for number in (1, 2, 3):
        aid.note(f"t{number}", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(3)], proposed())
    presenter = opened(kit, steps)
    assert phrase("aid.move_all", count=2) in [action.words for action in presenter.state.bar.actions]
    presenter.move_all()
    assert steps.taken == [("push", "aid_step", AT, "t1 pkh,t2 pkh")]
    presenter.select("t4")
    assert refused(presenter)["move_all"]
    presenter.move_all()
    assert len(steps.taken) == 1


def test_filters_and_letters_narrow_the_list(kit: Kit) -> None:
    aid = kit.desk.office.aid
    aid.note("t2", AidNote(wanted=(P.PKH, P.SEMBAKO)))
    aid.move(AT, [key(2)], proposed(follow_up_on=kit.clock.today()))
    presenter = opened(kit)
    assert (presenter.state.rows.count, presenter.state.rows.total) == (8, 8)
    presenter.next_filter()
    assert names(presenter) == ["t2 pkh"]
    presenter.next_filter()
    assert "t2 pkh" not in names(presenter)
    presenter.next_filter()
    assert names(presenter) == ["t2 sembako"]
    presenter.search("zzz")
    assert (names(presenter), presenter.state.about) == ([], "")
    assert presenter.state.nothing.title == phrase("aid.none_found")
    assert refused(presenter)["accept"]


def test_numbers_and_tags_tell_the_whole(kit: Kit) -> None:
    aid = kit.desk.office.aid
    assert opened(kit).state.tags[1].words == phrase("aid.not_met")
    aid.note("t2", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(2)], proposed(follow_up_on=kit.clock.today()))
    aid.meet(AT, "Wiwik", "")
    half = opened(kit).state
    assert half.tags[1].tone is Tone.CAUTION
    aid.meet(AT, "", "Karsono")
    assert opened(kit).state.tags[1].tone is Tone.GOOD
    aid.evaluate(AT, "menunggu")
    state = opened(kit).state
    assert state.tags[1].words == phrase("aid.judged", day="21-11-2026")
    assert [(number.value, number.label) for number in state.numbers] == [
        ("6", phrase("aid.not_noted")),
        ("1", phrase("aid.is_due")),
        ("1", phrase("aid.state_diusulkan")),
    ]


def test_the_list_shows_masked_numbers_and_never_a_category(kit: Kit) -> None:
    kit.desk.office.aid.note("t6", AidNote(wanted=(P.PKH,)))
    presenter = opened(kit)
    presenter.select("t6 pkh")
    rows = presenter.state.rows
    said = repr([rows.row(at) for at in range(rows.count)]) + repr(presenter.state)
    assert "350512••••••••01" in said
    assert "3505120101700001" not in said
    assert not any(word in said.lower() for word in ("odgj", "lansia", "disabilitas", "category"))


def test_each_role_gets_its_acts(kit: Kit) -> None:
    aid = kit.desk.office.aid
    assert refused(opened(kit))["judge"]
    assert refused(opened(kit))["export"]
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    field, head, keeper = (refused(opened(kit, user=user)) for user in (PETUGAS, KADIS, PENGURUS))
    assert (field["accept"], field["judge"], field["meet"]) == (False, True, False)
    assert (head["accept"], head["judge"], head["export"]) == (True, False, True)
    assert all(is_refused for intent, is_refused in keeper.items() if intent != "next_filter")


def test_who_may_not_sees_no_names_and_goes_nowhere(kit: Kit) -> None:
    kit.desk.office.aid.note("t1", AidNote(wanted=(P.PKH,)))
    steps = Steps()
    presenter = opened(kit, steps, PENGURUS)
    assert (presenter.state.stage, presenter.state.rows.count) == (Stage.CONTENT, 0)
    assert presenter.state.nothing.title == phrase("aid.hidden")
    assert [number.value for number in presenter.state.numbers] == ["6", "1"]
    for act in (presenter.accept, presenter.move_all, presenter.write_note, presenter.meet, presenter.judge):
        act()
    assert steps.taken == []
    presenter.export()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "role.not_yours"


def test_ways_lead_to_the_forms_and_back(kit: Kit) -> None:
    steps, aid = Steps(), kit.desk.office.aid
    presenter = opened(kit, steps)
    presenter.judge()
    assert steps.taken == []
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    presenter.start()
    for act in (presenter.meet, presenter.judge, presenter.write_note, presenter.back):
        act()
    assert [taken[:2] for taken in steps.taken] == [
        ("push", "aid_meeting"),
        ("push", "aid_result"),
        ("push", "aid_note"),
        ("back",),
    ]


def test_the_list_is_exported_once_something_is_noted(kit: Kit) -> None:
    folder = Folder()
    presenter = opened(kit, folder=folder)
    presenter.export()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "aid.nothing_noted"
    kit.desk.office.aid.note("t1", AidNote())
    presenter.export()
    assert list(folder.saved) == ["bantuan-20261121.xlsx"]
    assert presenter.state.toast is not None


def test_an_unread_list_says_so(kit: Kit) -> None:
    assert opened(kit, tasks=Broken()).state.stage is Stage.ERROR
