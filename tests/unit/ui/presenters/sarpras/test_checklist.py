from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, PETUGAS, TARGETS, Kit
from support.checklists import check_in, check_out, press, stocked_kit
from support.letters import KASI
from support.sarpras import SIGNATURE, fill, take_out
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.people import Role, User
from fieldkit.domain.sarpras import Condition
from ui.presenters.parts import Stage, Tone
from ui.presenters.presenter import Action, message
from ui.presenters.tasks import STORE, device_executor


@pytest.fixture
def stocked(tmp_path: Path):
    yield from stocked_kit(tmp_path)


def held(kit: Kit):
    return kit.context.office.sarpras.out.current("a1").checklist


def test_space_answers_and_walks_to_the_next_that_waits(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    presenter.select("i7")
    press(presenter, "all_good")
    assert held(stocked).line("i7").is_answered
    assert presenter.state.cursor == "i8"
    press(presenter, "all_good")
    assert presenter.state.cursor == "i1"  # round to what was passed over


def test_digits_mean_a_condition_or_a_count(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    chosen = press(presenter, "rusak_ringan")
    assert chosen.act is Action.CHOICE_2
    assert presenter.state.line is not None
    assert [each.command.name for each in presenter.state.line.answers if each.is_on] == ["rusak_ringan"]
    assert held(stocked).line("i1").condition is Condition.RUSAK_RINGAN
    presenter.select("c1")
    for digit in (4, 10):
        presenter.number(digit)
        presenter.select("c1")  # the cursor stays where it was
    assert held(stocked).counts[0].count == 40
    assert presenter.state.counter is not None
    press(presenter, "fewer")
    assert presenter.state.counter.count == 39
    assert presenter.state.counter.limit == message("sarpras.out_limit", most=100, unit="lembar")
    for _ in range(3):
        presenter.number(9)
    assert presenter.state.problem is not None
    press(presenter, "more")
    assert (held(stocked).counts[0].count, presenter.state.problem) == (100, None)
    for digit in (9, 9, 9, 4):
        presenter.number(digit)
    assert (held(stocked).counts[0].count, presenter.state.problem) == (4, None), "what was refused is not typed on"


def test_keys_that_are_faster_than_the_store_count_on(stocked: Kit, steps: Steps) -> None:
    tasks = SameThread(STORE)
    presenter = check_out(stocked, steps, tasks)
    presenter.select("c1")  # before the list was read
    presenter.number(4)
    tasks.release(STORE)
    before = held(stocked).counts[0].count
    for _ in range(3):
        press(presenter, "more")
    tasks.release(STORE)
    assert held(stocked).counts[0].count == before + 3
    assert presenter.state.counter is not None
    more = presenter.state.counter.more
    presenter.select("i1")
    presenter.perform(more)  # a click that comes late
    tasks.release(STORE)
    assert (held(stocked).counts[0].count, presenter.state.problem) == (before + 3, None)


def test_a_count_does_not_fall_below_nothing_and_an_item_has_no_count(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    assert presenter.state.counter is None
    presenter.number(7)
    assert "all_good" in [command.name for command in presenter.state.keyed]
    presenter.select("c3")
    assert "all_good" not in [command.name for command in presenter.state.keyed]
    for _ in range(6):
        press(presenter, "fewer")
    assert [c.count for c in held(stocked).counts] == [20, 20, 0]
    assert presenter.state.line is None  # nothing can be said of it besides


def test_the_primary_says_what_is_missing_and_the_team_lead_may_go_anyway(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    refused = presenter.state.bar.actions[-1].refused
    assert getattr(refused, "code", "") == "sarpras.unchecked"
    assert presenter.state.override is None  # nobody passes over lines that were not checked
    press(presenter, "accept")
    assert not stocked.context.office.sarpras.out.current("a1").is_closed
    fill(stocked.context.office.sarpras.out, stocked.context.office.sarpras.out.current("a1"))
    presenter.start()
    assert presenter.state.override is not None
    press(presenter, "override")
    assert steps.taken[-1][:2] == ("push", "sarpras_reason")


def test_a_petugas_has_no_way_around(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, PETUGAS):
        presenter = check_out(kit, steps)
        fill(kit.context.office.sarpras.out, kit.context.office.sarpras.out.current("a1"))
        presenter.start()
        assert presenter.state.override is None


def test_it_closes_signed_and_offers_the_paper(stocked: Kit, steps: Steps) -> None:
    out = stocked.context.office.sarpras.out
    presenter = check_out(stocked, steps)
    fill(out, out.current("a1"))
    out.allow(out.current("a1").thing_id, PENGURUS, SIGNATURE)
    presenter.start()
    assert presenter.state.ink is not None
    press(presenter, "rusak_ringan")
    assert presenter.state.ink is None, "what was signed is another list now"
    press(presenter, "baik")
    out.allow(out.current("a1").thing_id, PENGURUS, SIGNATURE)
    presenter.start()
    assert press(presenter, "accept").refused == ""
    assert presenter.state.is_closed
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("sarpras.out_done", count=8)
    presenter.select("c1")
    before = held(stocked).counts[0].count
    presenter.number(4)
    assert (held(stocked).counts[0].count, presenter.state.problem) == (before, None)
    presenter.select("i1")
    for name in ("hilang", "note"):
        assert press(presenter, name).refused == Problem("sarpras.list_closed")
    assert [command.name for command in presenter.state.bar.actions] == ["print_paper", "accept"]
    assert "all_good" not in [command.name for command in presenter.state.keyed]
    assert held(stocked).line("i1").condition is Condition.BAIK
    assert steps.taken == []
    press(presenter, "print_paper")
    assert steps.taken[-1][:2] == ("push", "letter")
    press(presenter, "accept")
    assert steps.taken[-1] == ("back",)


def test_a_signature_that_a_change_takes_away_is_said_and_the_same_answer_again_takes_none(
    stocked: Kit, steps: Steps
) -> None:
    presenter = check_out(stocked, steps)
    press(presenter, "all_good")
    presenter.select("i1")
    out = stocked.context.office.sarpras.out
    out.allow(out.current("a1").thing_id, PENGURUS, SIGNATURE)
    presenter.start()
    press(presenter, "baik")
    assert held(stocked).izin is not None
    assert presenter.state.toast is None
    press(presenter, "rusak_ringan")
    assert held(stocked).izin is None
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("sarpras.izin_gone", name=PENGURUS.name)
    told = presenter.state.toast
    press(presenter, "baik")
    assert presenter.state.toast is told


def test_the_other_screens_know_which_line(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    list_id = stocked.context.office.sarpras.out.current("a1").thing_id
    assert next(each for each in presenter.state.keyed if each.name == "note").words == message("common.note")
    stocked.context.office.sarpras.out.note(list_id, "i1", "retak")
    presenter.start()
    assert next(each for each in presenter.state.keyed if each.name == "note").words == "retak"
    for name in ("note", "photo", "izin"):
        press(presenter, name)
    assert steps.taken == [
        ("push", "sarpras_note", "out", list_id, "i1"),
        ("push", "sarpras_photo", "out", list_id, "i1"),
        ("push", "sarpras_izin", "out", list_id),
    ]
    presenter.select("c1")
    assert presenter.state.line is None  # a consumable has no note
    presenter.back()
    assert steps.taken[-1] == ("back",)
    assert len(steps.taken) == 4


def test_a_test_runs_once_and_measures_the_laptop(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    assert len(presenter.state.gauges) == 1
    stocked.devices.listed = ()
    press(presenter, "test")
    assert held(stocked).laptop is not None
    assert len(presenter.state.gauges) == 3
    assert held(stocked).line("i1").test.code == "sarpras.no_device"
    assert presenter.state.rows.row(0).cells[3].tags[0].words == message("sarpras.absent")
    presenter.stop()


def test_a_test_under_way_is_not_begun_again_and_ends_with_the_screen(stocked: Kit, steps: Steps) -> None:
    tasks = SameThread(*(device_executor(each.kind.value) for each in stocked.devices.listed))
    presenter = check_out(stocked, steps, tasks)
    test = press(presenter, "test")
    assert (presenter.is_testing, presenter.state.rows.row(0).cells[3].tags[0].words) == (
        True,
        message("sarpras.testing"),
    )
    offered = next(each for each in presenter.state.bar.actions if each.name == test.name)
    assert offered.refused == message("perangkat.test_under_way")
    presenter.stop()
    assert not presenter.is_testing


def test_a_test_that_cannot_be_kept_says_so_and_can_be_begun_again(
    stocked: Kit, steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("store.disk_full")

    monkeypatch.setattr(stocked.context.office.sarpras.tests, "keep", full)
    presenter = check_out(stocked, steps)
    assert press(presenter, "test").refused == ""
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "store.disk_full"
    assert press(presenter, "test").refused == ""


def test_what_stands_against_a_line_is_told_at_the_line(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    press(presenter, "hilang")
    assert presenter.state.attention is not None
    assert presenter.state.attention.problem.code == "sarpras.item_lost"
    assert presenter.state.attention.tone is Tone.BAD
    assert presenter.state.tags[-1].words == message("sarpras.attention_count", count=1)


def test_a_role_without_sarpras_is_told_so(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, User("u9", "Kabid", Role.KABID)):
        presenter = check_out(kit, steps)
        assert presenter.state.stage is Stage.EMPTY
        assert presenter.state.empty.title == message("sarpras.not_yours")
        presenter.refresh()
        assert presenter.state.stage is Stage.EMPTY


def test_what_is_out_already_is_shown_and_not_begun_again(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        left = take_out(kit)
        presenter = check_out(kit, steps)
        assert presenter.state.is_closed
        assert presenter.state.title == message("sarpras.out_title", kit="Kit 07")
        assert presenter.state.choose_kits is None
        assert kit.context.office.sarpras.out.current("a1") == left


def test_against_what_left_for_a_reason_nothing_stands_any_more(stocked: Kit, steps: Steps) -> None:
    out = stocked.context.office.sarpras.out
    found = fill(out, out.begin("a1"))
    assert check_out(stocked, steps).state.attention is not None
    out.close(found.thing_id, "darurat")
    state = check_out(stocked, steps).state
    assert (state.attention, state.override, len(state.tags)) == (None, None, 1)


def test_without_anything_to_take_along_there_is_no_row(stocked: Kit, steps: Steps) -> None:
    out = stocked.context.office.sarpras.out
    out.choose_kits(out.begin("a1").thing_id, ())
    state = check_out(stocked, steps).state
    assert (state.cursor, state.line, state.counter) == ("", None, None)
    assert state.title == message("sarpras.out_title", kit="–")


def test_a_list_that_cannot_be_read_is_an_error(stocked: Kit, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(*_: object) -> None:
        raise StoreError("store.damaged")

    monkeypatch.setattr(stocked.context.office.sarpras.out, "open", damaged)
    assert check_out(stocked, steps).state.stage is Stage.ERROR


def test_other_kits_are_a_form_away(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        presenter = check_out(kit, steps)
        press(presenter, "kits")
        assert steps.taken == [("push", "sarpras_kits", kit.context.office.sarpras.out.current("a1").thing_id)]


def test_who_may_not_fill_the_list_looks_at_it(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        kit.context = kit.context_of(KASI)
        assert check_out(kit, steps).state.stage is Stage.EMPTY
        kit.context_of(KETUA).office.sarpras.out.begin("a1")
        seen = check_out(kit, steps).state
        assert seen.stage is Stage.CONTENT
        assert [action.refused for action in seen.bar.actions] == [message("sarpras.not_yours_hint")] * 3


def test_nothing_out_leads_to_the_preparation(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        presenter = check_in(kit, steps)
        assert presenter.state.stage is Stage.EMPTY
        assert presenter.state.empty is not None
        assert presenter.state.empty.action is not None
        presenter.perform(presenter.state.empty.action)
        assert steps.taken == [("replace", "check_out", "a1")]


def test_unsent_records_are_said_with_the_age_of_the_oldest(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        take_out(kit)
        nothing = check_in(kit, steps).state
        assert (nothing.choose_kits, [tag.words.key for tag in nothing.gauges]) == (None, ["sarpras.not_measured"])
        kit.seal(1, TARGETS[0], timedelta(days=3))
        presenter = check_in(kit, steps)
        assert presenter.state.gauges[-1].words == message("sarpras.unsent_days", count=1, age=3)


def test_it_is_taken_back_then_shown_with_its_paper(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        take_out(kit)
        back = kit.context.office.sarpras.back
        found = fill(back, back.begin("a1"))
        back.allow(found.thing_id, PENGURUS, SIGNATURE)
        presenter = check_in(kit, steps)
        press(presenter, "accept")
        assert presenter.state.is_closed
        again = check_in(kit, steps)
        assert again.state.is_closed
        press(again, "print_paper")
        assert steps.taken[-1][:2] == ("push", "letter")
