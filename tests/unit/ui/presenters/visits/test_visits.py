from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS, TARGETS, Kit
from support.clock import NOW
from support.listing import Listing, at_row, refusals
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import NO_NIK
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import ServiceCategory, TargetState
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.visits.run_visits import DoorCall, Ended
from ui.presenters.form import Form
from ui.presenters.lists import History
from ui.presenters.parts import Empty, Stage
from ui.presenters.presenter import message
from ui.presenters.visits.visits import NO_NIK_YET, NOT_KNOWN, Visits, walk_in_form


def opened(kit: Kit, tasks: SameThread, steps: Steps, activity_id: str = "a1") -> Listing:
    return Listing(Visits(kit.context, steps, activity_id).screen(), tasks, steps)


def everybody(kit: Kit, tasks: SameThread, steps: Steps) -> Listing:
    listing = opened(kit, tasks, steps)
    listing.presenter.choose(0, "all")
    return listing


def names(listing: Listing) -> list[object]:
    return [row.cells[1].words for row in listing.rows]


def tags(listing: Listing, at: int, column: int) -> list[object]:
    return [tag.words for tag in listing.rows[at].cells[column].tags]


def call(kit: Kit, target_id: str, outcome: Outcome, **told: object) -> None:
    visits = kit.context.office.visits
    visits.end(visits.begin(target_id).thing_id, Ended(outcome, **told))


def test_the_list_shows_what_happened_and_filters_say_how_many(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    call(kit, "t2", Outcome.SAKIT, wants_revisit=True, revisit_on=date(2026, 11, 27), note="demam")
    call(kit, "t3", Outcome.PINDAH)
    kit.context.office.visits.begin("t4")
    kit.clock.advance(minutes=7)
    kit.context.office.visits.want_escort("t4")
    listing = opened(kit, tasks, steps)
    assert listing.chips == {"open": 5, "again": 1, "walk_ins": 0, "done": 0, "all": 7}
    assert names(listing) == ["MISINEM", "NADIA PUTRI", "SULASTRI", "WARSITO", "JUMINAH"]
    listing.presenter.next_filter(0)
    assert names(listing) == ["KARTONO WIBOWO"]
    assert listing.panels(History)[0].title == "KARTONO WIBOWO"
    assert listing.panels(History)[0].steps[-1].detail == "demam"
    listing.presenter.next_filter(0)
    assert (names(listing), listing.presenter.state.nothing.title) == ([], message("field.none_walk_ins"))
    assert listing.offered("accept").refused == message("common.choose_person")
    listing.presenter.choose(0, "all")
    assert tags(listing, 0, 3) == [message("target.planned")]
    assert tags(listing, 1, 3) == [message("field.outcome_sakit")]
    assert tags(listing, 1, 4) == [message("field.again_on", day="27-11-2026")]
    assert tags(listing, 3, 4) == [message("field.since", count=7), message("field.escort")]


def test_the_cursor_goes_on_once_a_door_is_closed(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps)
    listing.press("accept")
    assert steps.taken == [("push", "visit", "a1", "t1")]
    call(kit, "t1", Outcome.TIDAK_DI_TEMPAT)
    listing.presenter.start()
    listing.press("accept")
    assert steps.taken[-1] == ("push", "visit", "a1", "t2")


def test_a_search_finds_a_person_at_the_place_of_the_route(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps)
    listing.presenter.search("sulas")
    assert [cell.words for cell in listing.rows[0].cells[:2]] == ["5", "SULASTRI"]


def test_the_other_screens_of_the_field_are_one_key_away(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps, "")  # the activity of the day
    for name in ("show_trip", "show_recap", "add_walk_in"):
        listing.press(name)
    assert steps.taken == [("push", "trip", "a1"), ("push", "recap", "a1"), ("push", "walk_in", "a1")]
    assert listing.presenter.state.where == message("common.place_and_targets", place="Desa Jimbe", targets=7)


def test_no_category_and_no_whole_nik_stands_in_the_list(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    told = " ".join(map(str, everybody(kit, tasks, steps).rows))
    assert TARGETS[0].biodata.nik.digits not in told
    assert "category" not in told
    assert "lansia" not in told


def test_who_does_not_visit_adds_nobody_and_an_office_without_work_says_so(tmp_path: Path) -> None:
    kit, steps = Kit(tmp_path, PENGURUS), Steps()
    listing = opened(kit, SameThread(), steps, "")
    assert listing.presenter.state.nothing.title == message("beranda.no_activity")
    assert listing.offered("show_trip").refused == message("beranda.no_activity")
    kit.plan(*TARGETS)
    listing.presenter.refresh()
    listing.press("add_walk_in")
    assert steps.taken == []
    assert listing.offered("add_walk_in").refused == message("sasaran.not_yours")
    kit.store.close()


ENDED = Visit("v1", "a1", "t1", "u1", NOW, NOW, Outcome.SAKIT, revisit_on=date(2026, 11, 27), note="demam")
GOES_ON = Visit("v1", "a1", "t1", "u1", NOW)


def door(visit: Visit | None, state: TargetState = TargetState.PLANNED) -> DoorCall:
    return DoorCall(1, replace(TARGETS[0], state=state), visit, False)


@pytest.mark.parametrize(
    ("visit", "state", "words"),
    [
        (None, TargetState.PLANNED, "target.planned"),
        (GOES_ON, TargetState.PLANNED, "field.going_on"),
        (GOES_ON, TargetState.POSTPONED, "field.going_on"),
        (ENDED, TargetState.PLANNED, "target.planned"),
        (ENDED, TargetState.RECORDING, "target.recording"),
        (ENDED, TargetState.POSTPONED, "field.outcome_sakit"),
        (None, TargetState.POSTPONED, "target.postponed"),
    ],
)
def test_the_last_visit_is_told_unless_somebody_is_to_come_anew(
    idle: Kit, visit: Visit | None, state: TargetState, words: str
) -> None:
    screen = Visits(idle.context, Steps(), "a1").screen()
    assert [tag.words for tag in screen.heads[3].cell(door(visit, state)).tags] == [message(words)]
    steps = {None: 0, GOES_ON: 1, ENDED: 3}[visit]
    assert [len(panel.steps) for panel in screen.side(at_row(door(visit, state)))] == ([steps] if visit else [])
    assert screen.side(at_row()) == ()


MINE, NO_DAY, NOBODY = "sasaran.not_yours", "beranda.no_activity", "common.choose_person"


@pytest.mark.parametrize(
    ("user", "activity_id", "is_chosen", "refused"),
    [
        (PETUGAS, "a1", True, {}),
        (PETUGAS, "a1", False, {"show_ikd": NOBODY, "accept": NOBODY}),
        (
            PETUGAS,
            "",
            True,
            dict.fromkeys(("show_trip", "show_recap", "show_survey", "add_walk_in", "add_without_nik"), NO_DAY),
        ),
        (PENGURUS, "a1", True, dict.fromkeys(("show_ikd", "add_walk_in", "add_without_nik"), MINE)),
        (
            PENGURUS,
            "",
            False,
            {"show_ikd": MINE, "add_walk_in": MINE, "add_without_nik": MINE, "accept": NOBODY}
            | dict.fromkeys(("show_trip", "show_recap", "show_survey"), NO_DAY),
        ),
    ],
)
def test_what_can_be_done_depends_on_who_looks_at_what(
    idle: Kit, user: User, activity_id: str, is_chosen: bool, refused: dict[str, str]
) -> None:
    screen = Visits(idle.context_of(user), Steps(), activity_id).screen()
    said = refusals(screen, at_row(door(None)) if is_chosen else at_row())
    assert {name: words.key for name, words in said.items() if words} == refused


def test_an_empty_list_says_how_it_is_filled(idle: Kit, kit: Kit, tasks: SameThread, steps: Steps) -> None:
    screen = Visits(idle.context, Steps(), "").screen()
    assert screen.reads == {"visit", "target_notes", "targets", "record", "session"}
    assert (screen.load(), screen.empty(at_row())) == ((), Empty.of("beranda.no_activity"))
    planned = Visits(kit.context, steps, "").screen()
    planned.load()
    assert planned.empty(at_row()) == Empty(message("sasaran.empty"), message("field.empty_hint"))
    assert planned.empty(at_row(door(None), filters=("done",))).title == message("field.none_done")


def test_an_activity_that_is_gone_is_an_error(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    state = opened(kit, tasks, steps, "a9").presenter.state
    assert state.stage is Stage.ERROR
    assert state.problem is not None
    assert state.problem.code == "store.not_found"


@pytest.mark.parametrize("recorded", [True, False])
def test_what_was_sealed_counts_as_done(kit: Kit, tasks: SameThread, steps: Steps, recorded: bool) -> None:
    if recorded:
        kit.seal(1, TARGETS[0])
    listing = opened(kit, tasks, steps)
    listing.presenter.choose(0, "done")
    assert names(listing) == (["MISINEM"] if recorded else [])


PONIMAN = {"nik": "3505120303500004", "name": " poniman  jaya", "birth_date": "3-3-1950", "rt": "002"} | {
    "sex": "L",
    "marital": "2",
}


def values(form: Form, **changed: str) -> dict[str, str]:
    return {field.name: field.text for field in form.load()} | changed


def test_a_walk_in_lives_nearby_and_the_rest_is_asked_while_recording(kit: Kit) -> None:
    form = walk_in_form(kit.context, "a1")
    form.keep(values(form, **PONIMAN, category="lansia"))
    (added,) = (target for target in kit.context.visits.targets("a1") if target.is_walk_in)
    near, who = TARGETS[0].biodata.address, added.biodata
    assert (who.name, who.birth_date, added.category) == ("PONIMAN JAYA", date(1950, 3, 3), ServiceCategory.LANSIA)
    assert (who.address.village, who.address.region, who.address.rt) == (near.village, near.region, "002")
    assert (who.religion, who.no_kk.digits) == (0, "")
    form.keep(values(form, **{**PONIMAN, "nik": "3505120303500012", "no_kk": "3505120101200004"}))
    assert [each.biodata.no_kk.digits for each in kit.context.visits.targets("a1") if each.is_walk_in][1:] == [
        "3505120101200004"
    ]


def test_where_nobody_lives_yet_no_village_is_proposed(tmp_path: Path) -> None:
    with Kit(tmp_path) as kit:
        kit.plan()
        forms = [walk_in_form(kit.context, "a1", without_nik=without) for without in (False, True)]
        assert [form.title for form in forms] == [message("field.walk_in"), message("field.without_nik")]
        assert {field.text for field in forms[0].load() if field.name in ("village", "street", "rt")} == {""}


def test_what_cannot_be_is_refused_and_adds_nobody(kit: Kit) -> None:
    form = walk_in_form(kit.context, "a1")
    for wrong, error in (
        ({"nik": "123"}, InputError),
        ({"birth_date": "besok"}, InputError),
        ({"birth_date": "3-3-49"}, InputError),
        ({"sex": ""}, InputError),
        ({"marital": ""}, InputError),
        ({"name": " "}, InputError),
        ({"no_kk": "12"}, InputError),
        ({"nik": TARGETS[0].biodata.nik.digits}, RuleError),
    ):
        with pytest.raises(error):
            form.keep(values(form, **{**PONIMAN, **wrong}))
    assert len(kit.context.visits.targets("a1")) == len(TARGETS)


WITHOUT = {name: text for name, text in PONIMAN.items() if name != "nik"}


def test_who_has_no_nik_yet_is_taken_in_with_a_number_of_the_kit(kit: Kit) -> None:
    form = walk_in_form(kit.context, "a1", without_nik=True)
    assert not {"nik", "no_kk"} & {field.name for field in form.load()}
    for known in (NO_NIK_YET, NOT_KNOWN):
        form.keep(values(form, **WITHOUT, known=known))
    added = [target.biodata for target in kit.context.visits.targets("a1") if target.is_walk_in]
    assert [who.nik.digits for who in added] == ["SMT-KIT-07-0001", "SMT-KIT-07-0002"]
    with pytest.raises(InputError) as refused:
        form.keep(values(form, **WITHOUT))
    assert refused.value.problem.field_name == "known"


def test_what_somebody_unknown_cannot_tell_is_offered_in_words(kit: Kit) -> None:
    form = walk_in_form(kit.context, "a1", without_nik=True)
    for known, name in ((NOT_KNOWN, "TIDAK DIKENAL"), (NO_NIK_YET, "")):
        fields = tuple(replace(each, text=known) if each.name == "known" else each for each in form.load())
        assert {field.name: field.text for field in form.adapt(fields)}["name"] == name
        told = tuple(replace(each, text="PAK TUA") if each.name == "name" else each for each in fields)
        assert {field.name: field.text for field in form.adapt(told)}["name"] == "PAK TUA"


def test_a_noted_outcome_is_told_with_its_person_and_taken_back(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps)
    assert listing.presenter.state.toast is None
    before = kit.context.office.visits.card("t2").target
    call(kit, "t2", Outcome.MENOLAK)
    listing.presenter.start()
    toast = listing.presenter.state.toast
    assert toast.words == message("field.ended", name="KARTONO WIBOWO")
    assert "KARTONO WIBOWO" not in names(listing)
    listing.presenter.perform(toast.undo)
    card = kit.context.office.visits.card("t2")
    assert (card.target, card.open_visit is not None) == (before, True)
    assert listing.presenter.state.toast.words == message("field.taken_back", name="KARTONO WIBOWO")
    assert kit.context.office.visits.news() is None, "it is told once"


def test_whom_a_seal_closed_meanwhile_is_not_taken_back(kit: Kit) -> None:
    visits = kit.context.office.visits
    call(kit, "t2", Outcome.MENOLAK)
    news = visits.news()
    assert news is not None
    with kit.store.write() as unit:
        unit.targets.mark("t2", TargetState.RECORDED)
    with pytest.raises(RuleError, match=r"visit\.was_recorded"):
        visits.take_back(news)


def test_who_came_by_stands_under_the_cursor_and_is_told(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps)
    who = replace(TARGETS[0].biodata, nik=NO_NIK, name="PONIMAN")
    came = kit.context.office.visits.walk_in("a1", who, ServiceCategory.UMUM)
    listing.presenter.start()
    state = listing.presenter.state
    assert state.toast.words == message("field.came", name="PONIMAN", house=came.house)
    assert names(listing)[state.cursor] == "PONIMAN"
    listing.presenter.select("t1")
    listing.presenter.start()
    assert names(listing)[listing.presenter.state.cursor] == names(listing)[0]
