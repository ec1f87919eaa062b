from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib.resources import files

from support.desk import ACTIVITY, PENGURUS, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.targets.notes import LegalCategory, TargetNotes
from ui.presenters.figures import Row
from ui.presenters.parts import Stage, Tone
from ui.presenters.targets.targets import SHOWN, TargetsPresenter
from ui.presenters.words import Phrase, phrase


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> TargetsPresenter:
    presenter = TargetsPresenter(kit.desk, tasks, steps)
    presenter.start()
    return presenter


def rows(presenter: TargetsPresenter) -> list[Row]:
    return [presenter.state.rows.row(at) for at in range(presenter.state.rows.count)]


def test_houses_stand_in_order_with_the_name_in_full_and_the_nik_masked(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter = opened(kit, tasks, steps)
    assert [row.cells[0].words for row in rows(presenter)] == ["1", "2", "3", "4", "5", "6", "7"]
    assert rows(presenter)[1].cells[1].words == "KARTONO WIBOWO"
    assert rows(presenter)[1].cells[1].detail == "350512••••••••01"
    assert presenter.state.where == phrase("beranda.where", place="Desa Jimbe", targets=7)


def test_typing_filters_and_keeps_the_total(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.search("kart")
    assert (presenter.state.rows.count, presenter.state.rows.total) == (1, 7)
    presenter.accept()
    assert steps.taken[-1][:2] == ("push", "notice")


def test_what_is_not_there_says_so_and_enter_has_nothing_to_open(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.search("zzz")
    assert presenter.state.nothing.title == phrase("sasaran.not_found", text="zzz")
    assert presenter.state.bar.actions[-1].refused
    presenter.accept()
    assert steps.taken == []


def test_an_empty_kit_asks_for_an_activity(tmp_path, tasks: SameThread, steps: Steps) -> None:
    kit = Kit(tmp_path)
    assert opened(kit, tasks, steps).state.stage is Stage.EMPTY
    kit.store.close()


def test_enter_opens_the_notice_and_a_second_time_goes_on(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.open("t2")
    session_id = steps.taken[-1][2]
    assert steps.taken[-1][:2] == ("push", "notice")
    kit.desk.recording.give_notice(session_id, "id")
    presenter.open("t2")
    assert steps.taken[-1] == ("push", "recording", session_id)


def test_somebody_of_sixteen_is_recorded_now_and_printed_later(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    tag = rows(presenter)[2].cells[5].tags[0]
    assert tag.words == phrase("sasaran.card_from", day="12-03-2027")
    presenter.select("t3")
    assert presenter.state.warnings == (phrase("sasaran.card_from_long", day="12-03-2027"),)
    presenter.open("t3")
    assert steps.taken[-1][:2] == ("push", "notice")


def test_a_child_is_refused_before_anything_is_opened(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    assert rows(presenter)[3].cells[5].tags[0].tone is Tone.BAD
    presenter.open("t4")
    assert presenter.state.problem is not None
    assert (presenter.state.problem.code, presenter.state.problem.params) == ("session.too_young", {"age": 14})
    assert steps.taken == []
    assert kit.desk.visits.target("t4").state is TargetState.PLANNED


def test_findings_about_the_nik_are_told_for_the_row(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.select("t5")
    codes = [words.key for words in presenter.state.warnings if isinstance(words, Phrase)]
    assert codes == ["nik.other_birth_date"]
    assert presenter.state.about == "SULASTRI"
    presenter.select("t1")
    assert (presenter.state.about, presenter.state.warnings) == ("", ())


def test_a_person_recorded_before_leads_to_the_queue(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[1])
    presenter = opened(kit, tasks, steps)
    presenter.open("t2")
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "session.recorded_before"
    assert presenter.state.retry is not None
    assert presenter.state.retry.name == "show_queue"
    presenter.show_queue()
    assert steps.taken == [("push", "queue")]


def test_the_cursor_begins_at_the_next_house(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    kit.seal(2, TARGETS[1])
    presenter = opened(kit, tasks, steps)
    assert presenter.state.cursor == 2
    presenter.accept()
    with kit.store.read() as unit:
        assert unit.sessions.get(steps.taken[-1][2]).target_id == "t3"


def test_back_goes_back(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    opened(kit, tasks, steps).back()
    assert steps.taken == [("back",)]


def test_each_category_has_its_word_and_its_icon(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    tags = [row.cells[3].tags[0] for row in rows(opened(kit, tasks, steps))]
    assert tags[0].words == phrase("category.lansia")
    shown = {tag.words.key: tag.icon for tag in tags if isinstance(tag.words, Phrase)}
    assert len(set(shown.values())) == len(shown) == 6
    assert all(files("assets").joinpath("icons", f"{icon}.svg").is_file() for icon in shown.values())


def test_filters_go_through_what_somebody_has_and_tell_their_counts(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    presenter = opened(kit, tasks, steps)
    presenter.next_state()
    assert (presenter.state.rows.count, presenter.state.rows.total) == (6, 6)
    assert presenter.state.tags[-1].words == phrase("sasaran.only_planned", count=6)
    presenter.next_state()
    assert [row.cells[0].words for row in rows(presenter)] == ["1"]
    presenter.next_state()
    assert presenter.state.rows.total == 7
    presenter.next_category()
    assert presenter.state.tags[-1].words == phrase("sasaran.only_lansia", count=presenter.state.rows.total)
    presenter.search("zzz")
    assert presenter.state.rows.count == 0
    for _ in range(6):
        presenter.next_category()
    presenter.search("")
    assert presenter.state.rows.total == 7


def test_nobody_left_in_a_filter_says_how_to_leave_it(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.next_state()
    for number, target in enumerate(TARGETS, 1):
        kit.seal(number, target)
    presenter.start()
    assert presenter.state.nothing.title == phrase("sasaran.nobody_such")
    presenter.next_state()
    assert presenter.state.rows.count == 7


def test_the_list_of_another_day_is_shown_for_its_activity(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    later = replace(ACTIVITY, activity_id="a2", on=ACTIVITY.on + timedelta(days=30), place="Desa Lain")
    kit.desk.visits.take_over(later, [replace(TARGETS[0], target_id="x1", activity_id="a2")])
    presenter = TargetsPresenter(kit.desk, tasks, steps, "a2")
    presenter.start()
    assert presenter.state.where == phrase("beranda.where", place="Desa Lain", targets=1)
    assert [row.name for row in rows(presenter)] == ["x1"]
    assert rows(opened(kit, tasks, steps))[0].name == "t1"


def test_the_verdict_of_the_check_is_a_tag_and_a_sentence(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    with kit.store.write() as unit:
        unit.targets.judge(["t1"], TargetVerdict.NIK_BERMASALAH)
        unit.targets.judge(["t2"], TargetVerdict.TERVERIFIKASI)
    presenter = opened(kit, tasks, steps)
    shown = [[tag.words for tag in row.cells[5].tags] for row in rows(presenter)[:2]]
    assert shown == [[phrase("verdict_siak.nik_bermasalah")], [phrase("verdict_siak.terverifikasi")]]
    presenter.select("t1")
    assert presenter.state.warnings == (phrase("sasaran.verdict_nik_bermasalah"),)
    presenter.select("t2")
    assert presenter.state.warnings == ()


def test_notes_are_told_for_the_row_and_written_from_it(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    notes = TargetNotes("t2", "a1", LegalCategory.ORANG_TERLANTAR, access="Jalan kaki", safety="Takut seragam")
    kit.desk.office.verification.note(notes)
    presenter = opened(kit, tasks, steps)
    presenter.select("t2")
    assert presenter.state.about == "KARTONO WIBOWO"
    assert presenter.state.warnings == (
        phrase("catatan.told_safety", words="Takut seragam"),
        phrase("catatan.told_access", words="Jalan kaki"),
        phrase("catatan.legal_orang_terlantar"),
    )
    presenter.write_notes()
    assert steps.taken[-1][:2] == ("push", "target_notes")
    presenter.select("t1")
    assert presenter.state.warnings == ()


def test_who_may_not_record_is_told_so(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = TargetsPresenter(kit.desk_of(PENGURUS), tasks, steps)
    presenter.start()
    refused = {action.name for action in presenter.state.bar.actions if action.refused}
    assert refused == {"accept", "write_notes"}
    presenter.accept()
    presenter.write_notes()
    assert steps.taken == []


def test_a_long_list_shows_its_first_rows_and_says_how_many_there_are(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    with kit.store.write() as unit:
        unit.targets.save([replace(TARGETS[0], target_id=f"m{n}", house=n) for n in range(8, 308)])
    presenter = opened(kit, tasks, steps)
    assert (presenter.state.rows.count, presenter.state.rows.total) == (SHOWN, 307)


def test_who_was_opened_last_stays_chosen_after_esc_and_a_restart(kit: Kit) -> None:
    def opened() -> TargetsPresenter:
        presenter = TargetsPresenter(kit.desk, SameThread(), Steps())
        presenter.start()
        return presenter

    presenter = opened()
    presenter.open("t4")
    again = opened()
    assert (again._selected, again.state.cursor) == ("t4", 3)
    again.search("kart")
    again.search("")
    assert kit.desk.left.all() == (), "a choice is nothing unfinished"
    with kit.store.write() as unit:
        unit.targets.mark("t4", TargetState.CANCELLED)
    assert opened().state.cursor == 0
