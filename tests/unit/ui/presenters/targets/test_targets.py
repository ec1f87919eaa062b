from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, KETUA, PENGURUS, PETUGAS, TARGETS, Kit
from support.drafts import form_on
from support.listing import Listing, at_row, refusals
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import Target, TargetState, TargetVerdict
from fieldkit.domain.targets.requests import LegalCategory, TargetNotes
from ui.presenters.form import Form
from ui.presenters.lists import Hint
from ui.presenters.parts import Tone
from ui.presenters.presenter import CatalogMessage, message
from ui.presenters.targets.targets import Targets, notes_form


def opened(kit: Kit, steps: Steps, activity_id: str = "", user: User | None = None) -> Listing:
    context = kit.context if user is None else kit.context_of(user)
    return Listing(Targets(context, steps, activity_id).screen(), SameThread(), steps)


def under_cursor(listing: Listing) -> str:
    return listing.names[listing.presenter.state.cursor]


def test_houses_stand_in_order_with_the_name_in_full_and_the_nik_masked(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    assert [row.cells[0].words for row in listing.rows] == ["1", "2", "3", "4", "5", "6", "7"]
    assert (listing.rows[1].cells[1].words, listing.rows[1].cells[1].detail) == ("KARTONO WIBOWO", "350512••••••••01")
    assert listing.presenter.state.where == message("common.place_and_targets", place="Desa Jimbe", targets=7)


def test_a_part_of_name_nik_or_address_finds_a_person(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    who = TARGETS[1].biodata
    for text in ("kart wibo", who.nik.digits, f"{who.address.street} kartono"):
        listing.presenter.search(text)
        assert listing.names == ["t2"], text
    listing.press("accept")
    assert steps.taken[-1][:2] == ("push", "notice")


def test_who_is_not_there_cannot_be_opened(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    listing.presenter.search("zzz")
    assert {command.name for command in listing.presenter.state.bar.actions if command.refused} == {
        *("write_notes", "official_form", "check_card", "accept")
    }


def test_an_empty_kit_asks_for_an_activity(tmp_path: Path, steps: Steps) -> None:
    kit = Kit(tmp_path)
    listing = opened(kit, steps)
    nothing = listing.presenter.state.nothing
    assert (nothing.title, nothing.action) == (message("beranda.no_activity"), None)
    assert listing.offered("import_targets").refused == message("beranda.no_activity")
    kit.store.close()


def test_an_activity_without_a_list_and_without_an_sop_takes_one_from_a_file(kit: Kit, steps: Steps) -> None:
    kit.context.visits.take_over(replace(ACTIVITY, activity_id="a2", sop=""), [])
    listing = opened(kit, steps, "a2")
    nothing = listing.presenter.state.nothing
    assert (nothing.title, nothing.action.name) == (message("sasaran.empty"), "import_targets")
    listing.presenter.perform(nothing.action)
    opened(kit, steps, "a1").press("import_targets")  # more people come with a second list
    assert steps.taken == [("push", "import_targets", "a2"), ("push", "import_targets", "a1")]
    assert opened(kit, steps, "a2", PENGURUS).presenter.state.nothing.action is None


def test_enter_opens_the_notice_and_a_second_time_goes_on(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    listing.presenter.select("t2")
    listing.press("accept")
    session_id = steps.taken[-1][2]
    assert steps.taken[-1][:2] == ("push", "notice")
    kit.context.recording.give_notice(session_id, "id")
    listing.press("accept")
    assert steps.taken[-1] == ("push", "recording", session_id)


def test_somebody_of_sixteen_is_recorded_now_and_printed_later(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    assert listing.rows[2].cells[5].tags[0].words == message("sasaran.card_from", day="12-03-2027")
    listing.presenter.select("t3")
    assert listing.panels(Hint)[0].words == (message("sasaran.card_from_long", day="12-03-2027"),)
    assert not listing.offered("accept").refused


def test_a_child_is_refused_before_anything_is_opened(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    assert listing.rows[3].cells[5].tags[0].tone is Tone.BAD
    listing.presenter.select("t4")
    assert listing.offered("accept").refused == message("sasaran.too_young_long", age=14, years=16)
    listing.press("accept")
    assert steps.taken == []
    assert kit.context.visits.target("t4").state is TargetState.PLANNED


def test_findings_about_the_nik_are_told_for_the_row(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    listing.presenter.select("t5")
    (hint,) = listing.panels(Hint)
    assert (hint.title, hint.tone) == ("SULASTRI", Tone.CAUTION)
    assert [words.key for words in hint.words] == ["nik.other_birth_date"]
    listing.presenter.select("t1")
    assert listing.panels(Hint) == []


def test_a_person_recorded_before_leads_to_the_queue(kit: Kit, steps: Steps) -> None:
    kit.seal(1, TARGETS[1])
    listing = opened(kit, steps)
    listing.presenter.select("t2")
    listing.press("accept")
    assert listing.presenter.state.problem is not None
    assert listing.presenter.state.problem.code == "session.recorded_before"
    listing.press("show_queue")
    assert steps.taken == [("push", "queue")]
    listing.presenter.select("t1")
    assert "show_queue" not in [command.name for command in listing.presenter.state.bar.actions]


def test_the_cursor_begins_at_the_next_house_and_stays_with_its_person(kit: Kit, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    kit.seal(2, TARGETS[1])
    listing = opened(kit, steps)
    assert under_cursor(listing) == "t3"
    listing.presenter.search("desa jimbe")
    listing.presenter.search("")
    listing.presenter.sort(1)
    listing.presenter.select("t6")
    listing.presenter.select("t3")
    assert under_cursor(listing) == "t3"


def test_who_was_opened_last_stays_chosen_after_esc_and_a_restart(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps)
    listing.presenter.select("t5")
    listing.press("accept")
    assert under_cursor(opened(kit, steps)) == "t5"
    with kit.store.write() as unit:
        unit.targets.mark("t5", TargetState.CANCELLED)
    assert under_cursor(opened(kit, steps)) == "t1"


def test_each_category_has_its_word_and_its_icon(kit: Kit, steps: Steps) -> None:
    tags = [row.cells[3].tags[0] for row in opened(kit, steps).rows]
    assert tags[0].words == message("category.lansia")
    shown = {tag.words.key: tag.icon for tag in tags if isinstance(tag.words, CatalogMessage)}
    assert len(set(shown.values())) == len(shown) == 6
    assert all(files("assets").joinpath("icons", f"{icon}.svg").is_file() for icon in shown.values())


def test_chips_of_state_and_service_narrow_together(kit: Kit, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    listing = opened(kit, steps)
    assert (listing.chips["planned"], listing.chips["recorded"], listing.chips["lansia"]) == (6, 1, 1)
    listing.presenter.choose(0, "planned")
    assert (len(listing.names), listing.chips["lansia"]) == (6, 0)
    listing.presenter.choose(1, "pemula")
    assert listing.names == ["t3", "t4"]


def test_the_list_of_another_day_is_shown_for_its_activity(kit: Kit, steps: Steps) -> None:
    later = replace(ACTIVITY, activity_id="a2", on=ACTIVITY.on + timedelta(days=30), place="Desa Lain")
    kit.context.visits.take_over(later, [replace(TARGETS[0], target_id="x1", activity_id="a2")])
    listing = opened(kit, steps, "a2")
    assert listing.presenter.state.where == message("common.place_and_targets", place="Desa Lain", targets=1)
    assert listing.names == ["x1"]
    assert opened(kit, steps).names[0] == "t1"


def test_the_verdict_of_the_check_is_a_tag_and_a_sentence(kit: Kit, steps: Steps) -> None:
    with kit.store.write() as unit:
        unit.targets.judge(["t1"], TargetVerdict.NIK_BERMASALAH)
        unit.targets.judge(["t2"], TargetVerdict.TERVERIFIKASI)
    listing = opened(kit, steps)
    shown = [[tag.words for tag in row.cells[5].tags] for row in listing.rows[:2]]
    assert shown == [[message("verdict_siak.nik_bermasalah")], [message("verdict_siak.terverifikasi")]]
    listing.presenter.select("t1")
    assert listing.panels(Hint)[0].words == (message("sasaran.verdict_nik_bermasalah"),)
    listing.presenter.select("t2")
    assert listing.panels(Hint) == []


def test_notes_are_told_for_the_row_and_written_from_it(kit: Kit, steps: Steps) -> None:
    notes = TargetNotes("t2", "a1", LegalCategory.ORANG_TERLANTAR, access="Jalan kaki", safety="Takut seragam")
    kit.context.office.verification.note(notes)
    listing = opened(kit, steps)
    listing.presenter.select("t2")
    (hint,) = listing.panels(Hint)
    assert (hint.title, hint.words) == (
        "KARTONO WIBOWO",
        (
            message("catatan.told_safety", words="Takut seragam"),
            message("catatan.told_access", words="Jalan kaki"),
            message("catatan.legal_orang_terlantar"),
        ),
    )
    listing.press("write_notes")
    listing.press("check_card")
    assert steps.taken == [("push", "target_notes", "a1", "t2"), ("push", "card_check", "t2")]


def test_who_was_put_off_says_why(kit: Kit, steps: Steps) -> None:
    with kit.store.write() as unit:
        unit.targets.mark("t2", TargetState.POSTPONED, "too_ill")
    listing = opened(kit, steps)
    listing.presenter.select("t2")
    assert listing.panels(Hint)[0].words == (message("end_reason.too_ill"),)


def test_who_may_not_record_is_told_so(kit: Kit, steps: Steps) -> None:
    listing = opened(kit, steps, user=PENGURUS)
    for name in ("accept", "write_notes"):
        assert listing.offered(name).refused == message("sasaran.not_yours")
        listing.press(name)
    assert steps.taken == []


MINE, NONE = "sasaran.not_yours", "common.choose_person"


@pytest.mark.parametrize(
    ("user", "target", "refused"),
    [
        (PETUGAS, TARGETS[3], {"accept": "sasaran.too_young_long"}),
        (PETUGAS, None, dict.fromkeys(("write_notes", "official_form", "check_card", "accept"), NONE)),
        (KETUA, TARGETS[0], {}),
        (PENGURUS, TARGETS[3], {"import_targets": MINE, "write_notes": MINE, "accept": MINE}),
        (
            PENGURUS,
            None,
            {"import_targets": MINE} | dict.fromkeys(("write_notes", "official_form", "check_card", "accept"), NONE),
        ),
    ],
)
def test_what_can_be_done_depends_on_who_looks_at_whom(
    idle: Kit, user: User, target: Target | None, refused: dict[str, str]
) -> None:
    said = refusals(Targets(idle.context_of(user), Steps(), "a1").screen(), at_row(target))
    told = {name: words.key for name, words in said.items() if words}
    told.pop("official_form", None) if target else None  # whose forms there are is said elsewhere
    assert told == refused


def test_the_queue_is_shown_of_whoever_was_recorded(idle: Kit) -> None:
    screen = Targets(idle.context, Steps(), "a1").screen()
    shown = {
        state for state in TargetState if "show_queue" in refusals(screen, at_row(replace(TARGETS[0], state=state)))
    }
    assert shown == {TargetState.RECORDED, TargetState.RECORDED_WITH_EXCEPTION}


def test_the_list_is_read_anew_when_somebody_on_it_changes(idle: Kit) -> None:
    reads = Targets(idle.context, Steps(), "a1").screen().reads
    assert reads == {"targets", "record", "session", "activity", "target_notes"}


def test_everybody_of_a_long_list_is_reached(kit: Kit, steps: Steps) -> None:
    with kit.store.write() as unit:
        unit.targets.save([replace(TARGETS[0], target_id=f"m{n}", house=n) for n in range(8, 1308)])
    listing = opened(kit, steps)
    assert (listing.presenter.state.rows.count, listing.names[-1]) == (1307, "m1307")


def values(form: Form, **changed: str) -> dict[str, str]:
    return {field.name: field.text for field in form.load()} | changed


def noted(kit: Kit) -> TargetNotes | None:
    return kit.context.office.verification.notes("t1")


def test_what_is_typed_is_kept_and_shown_again(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    form = notes_form(kit.context, "a1", "t1")
    assert (values(form)["legal"], values(form)["latitude"]) == ("-", "")
    presenter = form_on(kit.context, form, tasks, steps)
    presenter.start()
    presenter.type("safety", " takut  seragam ")
    presenter.type("latitude", "-8,0954")
    presenter.type("longitude", "112.1609")
    presenter.choose("legal", "orang_terlantar")
    presenter.accept()
    assert steps.taken == [("back",)]
    assert noted(kit) == TargetNotes(
        "t1", "a1", LegalCategory.ORANG_TERLANTAR, safety="takut seragam", latitude=-8.0954, longitude=112.1609
    )
    shown = values(notes_form(kit.context, "a1", "t1"))
    assert (shown["latitude"], shown["longitude"], shown["legal"]) == ("-8,0954", "112,1609", "orang_terlantar")


def test_the_answer_of_siak_stays_and_nothing_is_kept_when_nothing_changed(kit: Kit) -> None:
    before = TargetNotes("t1", "a1", access="Jalan kaki", check="Pindah 2019", latitude=0.0, longitude=0.0)
    kit.context.office.verification.note(before)
    form = notes_form(kit.context, "a1", "t1")
    with kit.store.read() as unit:
        acts = len(unit.events.of("t1"))
    form.keep(values(form))
    with kit.store.read() as unit:
        assert len(unit.events.of("t1")) == acts
    form.keep(values(form, access="", latitude="", longitude=""))
    assert noted(kit) == replace(before, access="", latitude=None, longitude=None)


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        ("utara", "112", "catatan.coordinate"),
        ("91", "112", "catatan.coordinate"),
        ("nan", "112", "catatan.coordinate"),
        ("-8", "", "catatan.half_a_place"),
        ("", "112", "catatan.half_a_place"),
        ("-8", "181", "catatan.coordinate"),
    ],
)
def test_a_place_that_is_none_is_refused(kit: Kit, latitude: str, longitude: str, code: str) -> None:
    form = notes_form(kit.context, "a1", "t1")
    with pytest.raises(InputError, match=code.replace(".", r"\.")):
        form.keep(values(form, latitude=latitude, longitude=longitude))
    assert noted(kit) is None


def test_the_log_holds_no_word_of_the_notes(kit: Kit) -> None:
    form = notes_form(kit.context_of(KETUA), "a1", "t1")
    form.keep(values(form, safety="takut seragam", contact="0812"))
    with kit.store.read() as unit:
        told = " ".join(event.payload for event in unit.events.of("t1"))
    assert told
    assert "seragam" not in told
    assert "0812" not in told
