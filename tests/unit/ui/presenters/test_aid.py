from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.aided import SCAN, aided, key, proposed
from support.app_context import PENGURUS, PETUGAS, Kit
from support.letters import AT, KADIS, KASI
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.aid import AidNote, AidState, Dtsen, Program
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import User
from ui.presenters.aid import AidList, meeting_form, note_form, result_form, step_form
from ui.presenters.figures import FigureCell
from ui.presenters.form import Form
from ui.presenters.lists import Facts, Hint, History, Numbers
from ui.presenters.parts import Tone
from ui.presenters.presenter import message

S, P = AidState, Program


class Folder:
    """Keeps what is saved."""

    def __init__(self) -> None:
        self.saved: dict[str, bytes] = {}

    def save(self, name: str, content: bytes) -> str:
        self.saved[name] = content
        return f"/map/{name}"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = aided(tmp_path)
    yield kit
    kit.store.close()


def opened(kit: Kit, steps: Steps | None = None, user: User = KASI, folder: Folder | None = None) -> Listing:
    steps = steps or Steps()
    screen = AidList(kit.context_of(user), steps, folder or Folder(), strict_catalogue("id"), AT).screen()
    return Listing(screen, SameThread(), steps)


def refused(listing: Listing) -> dict[str, bool]:
    return {command.name: bool(command.refused) for command in listing.presenter.state.bar.actions}


def test_enter_leads_from_the_note_to_the_delivery(kit: Kit) -> None:
    steps, aid = Steps(), kit.context.office.aid
    listing = opened(kit, steps)
    assert listing.panels(Facts)[0].title == "MISINEM"
    listing.press("accept")
    aid.note("t1", AidNote(Dtsen.BELUM, wanted=(P.PKH,)))
    told = []
    for state, reason in ((S.DIUSULKAN, ""), (S.DITOLAK, "penuh"), (S.DIUSULKAN, ""), (S.DITETAPKAN, "")):
        listing.presenter.start()
        told.append(listing.offered("accept").words)
        listing.press("accept")
        aid.move(AT, [key(1)], proposed(state=state, reason=reason))
    aid.move(AT, [key(1)], proposed(state=S.DISALURKAN))
    listing.presenter.start()
    listing.presenter.select("t1 pkh")
    assert told == [message(f"aid.after_{each}") for each in ("dicatat", "diusulkan", "ditolak", "diusulkan")]
    assert listing.offered("accept").refused == message("aid.nothing_left")
    listing.press("accept")
    listing.press("move_all")
    assert steps.taken == [("push", "aid_note", "t1"), *[("push", "aid_step", AT, "t1 pkh")] * 4]


def test_all_that_are_as_far_go_together(kit: Kit) -> None:
    steps, aid = Steps(), kit.context.office.aid
    for number in (1, 2, 3):
        aid.note(f"t{number}", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(3)], proposed())
    listing = opened(kit, steps)
    assert message("aid.move_all", count=2) in [action.words for action in listing.presenter.state.bar.actions]
    listing.press("move_all")
    assert steps.taken == [("push", "aid_step", AT, "t1 pkh,t2 pkh")]
    listing.presenter.select("t4")
    assert refused(listing)["move_all"]
    listing.press("move_all")
    assert len(steps.taken) == 1


def test_chips_and_letters_narrow_the_list(kit: Kit) -> None:
    aid = kit.context.office.aid
    aid.note("t2", AidNote(wanted=(P.PKH, P.SEMBAKO)))
    aid.move(AT, [key(2)], proposed(follow_up_on=kit.clock.today()))
    listing = opened(kit)
    assert {name: count for name, count in listing.chips.items() if count} == {
        "all": 8,
        "due": 1,
        "not_noted": 6,
        "dicatat": 1,
        "diusulkan": 1,
    }
    for chip, name in (("due", "t2 pkh"), (S.DICATAT, "t2 sembako")):
        listing.presenter.choose(0, chip)
        assert listing.names == [name]
    listing.presenter.choose(0, "all")
    listing.presenter.search("kartono")
    assert set(listing.names) == {"t2 pkh", "t2 sembako"}
    listing.presenter.search("zzz")
    assert refused(listing)["accept"]


def mixed(kit: Kit) -> None:
    """Note nothing about t4 and no need of t1; the proposals of t2 and t3 wait for a day, t5 is only noted."""
    aid, today = kit.context.office.aid, kit.clock.today()
    aid.note("t1", AidNote())
    for number, program in ((2, P.PKH), (3, P.SEMBAKO), (5, P.DAERAH)):
        aid.note(f"t{number}", AidNote(wanted=(program,)))
    aid.move(AT, [key(3, P.SEMBAKO)], proposed(follow_up_on=today + timedelta(days=9)))
    aid.move(AT, [key(2)], proposed(follow_up_on=today))
    aid.move(AT, [key(2)], proposed(state=S.DITETAPKAN, follow_up_on=today))


def test_a_row_tells_programme_state_and_the_day_to_ask(kit: Kit) -> None:
    mixed(kit)
    told = {row.name: row.cells[2:] for row in opened(kit).rows}
    none = FigureCell("–", is_muted=True)
    assert {name: told[name][0] for name in ("t1", "t2 pkh", "t4")} == {
        "t1": none,
        "t2 pkh": FigureCell(message("aid.program_pkh")),
        "t4": none,
    }
    tags = {name: [tag.words for cell in told[name][1:] for tag in cell.tags] for name in told}
    assert tags["t1"] == [message("aid.nothing_needed")]
    assert tags["t2 pkh"] == [message("aid.state_ditetapkan"), "21-11-2026"]
    assert tags["t4"] == [message("common.not_noted_yet")]
    assert tags["t5 daerah"] == [message("aid.state_dicatat")]


def test_rows_without_a_proposal_come_first_and_those_without_a_day_last(kit: Kit) -> None:
    mixed(kit)
    listing = opened(kit)
    listing.presenter.sort(2)
    assert listing.names[-3:] == ["t5 daerah", "t2 pkh", "t3 sembako"]
    listing.presenter.sort(3)
    assert listing.names[-3:] == ["t5 daerah", "t3 sembako", "t2 pkh"]
    for _ in ("upwards", "downwards"):
        listing.presenter.sort(4)
    assert listing.names[-2:] == ["t3 sembako", "t2 pkh"]


def test_beside_a_row_stands_what_its_proposal_came_through(kit: Kit) -> None:
    mixed(kit)
    listing, seen = opened(kit), {}
    for name in ("t2 pkh", "t3 sembako", "t5 daerah", "t4"):
        listing.presenter.select(name)
        seen[name] = [(panel.title, [step.name for step in panel.steps]) for panel in listing.panels(History)]
    assert seen == {
        "t2 pkh": [(message("aid.program_pkh"), [S.DIUSULKAN, S.DITETAPKAN])],
        "t3 sembako": [(message("aid.program_sembako"), [S.DIUSULKAN])],
        "t5 daerah": [],
        "t4": [],
    }


def test_numbers_and_a_hint_tell_the_whole(kit: Kit) -> None:
    aid = kit.context.office.aid

    def hint() -> Hint:
        return opened(kit).panels(Hint)[0]

    assert hint().title == message("aid.not_met")
    aid.note("t2", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(2)], proposed(follow_up_on=kit.clock.today()))
    aid.meet(AT, "Wiwik", "")
    assert hint().tone is Tone.CAUTION
    aid.meet(AT, "", "Karsono")
    assert hint().tone is Tone.GOOD
    aid.evaluate(AT, "menunggu")
    assert hint().title == message("aid.judged", day="21-11-2026")
    assert [(number.value, number.label) for number in opened(kit).panels(Numbers)[0].numbers] == [
        ("6", message("common.not_noted_yet")),
        ("1", message("aid.is_due")),
        ("1", message("aid.state_diusulkan")),
    ]


def test_the_list_shows_masked_numbers_and_never_a_category(kit: Kit) -> None:
    kit.context.office.aid.note("t6", AidNote(wanted=(P.PKH,)))
    listing = opened(kit)
    listing.presenter.select("t6 pkh")
    said = repr(listing.rows) + repr(listing.presenter.state)
    assert "350512••••••••01" in said
    assert "3505120101700001" not in said
    assert not any(word in said.lower() for word in ("odgj", "lansia", "disabilitas", "category"))


def test_each_role_gets_its_acts(kit: Kit) -> None:
    aid = kit.context.office.aid
    assert refused(opened(kit))["judge"]
    assert refused(opened(kit))["export"]
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    field, head, keeper = (refused(opened(kit, user=user)) for user in (PETUGAS, KADIS, PENGURUS))
    assert (field["accept"], field["judge"], field["meet"]) == (False, True, False)
    assert (head["accept"], head["judge"], head["export"]) == (True, False, True)
    assert all(is_refused for intent, is_refused in keeper.items())


@pytest.mark.parametrize(
    ("user", "is_proposed", "refused"),
    [(KASI, False, "aid.nothing_to_judge"), (PETUGAS, False, "aid.not_judge"), (PETUGAS, True, "aid.not_judge")],
)
def test_the_role_stands_before_the_proposals_as_reason(kit: Kit, user: User, is_proposed: bool, refused: str) -> None:
    aid = kit.context.office.aid
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    if is_proposed:
        aid.move(AT, [key(1)], proposed())
    assert opened(kit, user=user).offered("judge").refused == message(refused)


def test_an_empty_list_says_why(kit: Kit) -> None:
    listing = opened(kit)
    listing.presenter.choose(0, "due")
    assert listing.presenter.state.nothing.title == message("aid.none_found")
    bare = AidList(kit.context_of(KASI), Steps(), Folder(), strict_catalogue("id"), "elsewhere").screen()
    assert Listing(bare, SameThread(), Steps()).presenter.state.nothing.title == message("aid.nobody_yet")


def test_the_list_is_read_anew_with_people_their_notes_and_the_round(kit: Kit) -> None:
    assert opened(kit).presenter.reads == {"aid_case", "aid_round", "targets"}


def test_who_may_not_sees_no_names_and_goes_nowhere(kit: Kit) -> None:
    kit.context.office.aid.note("t1", AidNote(wanted=(P.PKH,)))
    listing = opened(kit, user=PENGURUS)
    assert listing.rows == []
    assert listing.presenter.state.nothing.title == message("aid.hidden")
    assert [number.value for number in listing.panels(Numbers)[0].numbers] == ["6", "1"]
    assert all(refused(listing).values())


def test_ways_lead_to_the_forms(kit: Kit) -> None:
    steps, aid = Steps(), kit.context.office.aid
    listing = opened(kit, steps)
    listing.press("judge")
    assert steps.taken == []
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    listing.presenter.start()
    for name in ("meet", "judge", "write_note"):
        listing.press(name)
    assert [taken[1] for taken in steps.taken] == ["aid_meeting", "aid_result", "aid_note"]


def test_the_list_is_exported_once_something_is_noted(kit: Kit) -> None:
    folder = Folder()
    assert refused(opened(kit))["export"]
    kit.context.office.aid.note("t1", AidNote())
    listing = opened(kit, folder=folder)
    listing.press("export")
    assert list(folder.saved) == ["bantuan-20261121.xlsx"]
    assert listing.presenter.state.toast is not None


def filled(form: Form, **typed: str) -> dict[str, str]:
    """Return the fields as they come, with what somebody typed instead."""
    shown = {field.name: field.text for field in form.load()}
    assert set(typed) <= set(shown)
    return {**shown, **typed}


def test_a_note_is_written_and_comes_back(kit: Kit) -> None:
    form = note_form(kit.context, "t1")
    assert form.load()[0].label == message("aid.dtsen_of", name="MISINEM")
    assert filled(form)["decile"] == ""
    form.keep(filled(form, dtsen="belum", decile=" 2 ", received="pbi_jk", wanted="sembako pkh", note="jauh"))
    case = kit.context.office.aid.one("t1").case
    assert case is not None
    assert (case.dtsen, case.decile, case.received, case.note) == (Dtsen.BELUM, 2, (P.PBI_JK,), "jauh")
    assert [aid.program for aid in case.aids] == [P.PKH, P.SEMBAKO]
    again = filled(note_form(kit.context, "t1"))
    assert (again["wanted"], again["decile"]) == ("pkh sembako", "2")


@pytest.mark.parametrize("text", ["dua", "2,5", "²", "11", "0"])
def test_a_decile_is_a_number_of_ten(kit: Kit, text: str) -> None:
    form = note_form(kit.context, "t1")
    with pytest.raises(InputError, match=r"aid\.decile_wrong|typed\.whole"):
        form.keep(filled(form, dtsen=Dtsen.BELUM, decile=text))


def test_an_enter_on_a_form_that_nobody_filled_notes_nothing(kit: Kit) -> None:
    form = note_form(kit.context, "t1")
    with pytest.raises(InputError, match=r"typed\.not_chosen"):
        form.keep(filled(form))
    assert kit.context.office.aid.one("t1").case is None
    form.keep(filled(form, dtsen=Dtsen.BELUM))
    assert filled(note_form(kit.context, "t1"))["dtsen"] == Dtsen.BELUM, "what was noted stands there again"


def test_the_desa_proposes_and_dinsos_answers(kit: Kit, tmp_path: Path) -> None:
    aid = kit.context.office.aid
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.note("t2", AidNote(wanted=(P.PKH,)))
    scan = tmp_path / SCAN.name
    scan.write_bytes(SCAN.content)
    form = step_form(kit.context, AT, "t1 pkh,t2 pkh")
    fields = {field.name: field for field in form.load()}
    assert fields["state"].label == message("aid.whose_all", count=2)
    assert [choice.name for choice in fields["state"].choices] == ["diusulkan"]
    assert "reason" not in fields
    told = {"who": "Karsono", "file": str(scan), "paper_on": "20-11-2026", "follow_up_on": "05-12-2026"}
    form.keep(filled(form, **told))
    answer = step_form(kit.context, AT, "t1 pkh")
    assert answer.load()[0].label == message("aid.whose", name="MISINEM")
    assert [choice.name for choice in answer.load()[0].choices] == ["diverifikasi", "ditetapkan", "ditolak"]
    answer.keep(filled(answer, state="ditolak", who="Wiwik", paper="460/2", reason="kuota penuh"))
    case = aid.one("t1").case
    assert case is not None
    (pkh,) = case.aids
    assert [(act.state, act.who, len(act.files)) for act in pkh.acts[1:]] == [
        (S.DIUSULKAN, "Karsono", 1),
        (S.DITOLAK, "Wiwik", 0),
    ]
    other = aid.one("t2").case
    assert other is not None
    assert str(other.aids[0].follow_up_on) == "2026-12-05"
    assert (str(pkh.acts[1].paper_on), pkh.acts[2].reason) == ("2026-11-20", "kuota penuh")
    assert aid.overview(AT).counts == {S.DITOLAK: 1, S.DIUSULKAN: 1}


def test_a_delivery_asks_for_no_reason_and_no_day_to_ask_again(kit: Kit) -> None:
    aid = kit.context.office.aid
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    aid.move(AT, [key(1)], proposed(state=S.DITETAPKAN))
    form = step_form(kit.context, AT, "t1 pkh")
    assert not {"reason", "follow_up_on"} & {field.name for field in form.load()}
    form.keep(filled(form, who="Misinem", paper="TT-1"))
    assert aid.overview(AT).counts == {S.DISALURKAN: 1}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"at": "kemarin"}, "typed.moment"),
        ({"paper_on": "kemarin"}, "typed.day"),
        ({"file": "/tidak/ada.pdf"}, "sop.evidence_unreadable"),
        ({"who": ""}, "aid.no_name"),
    ],
)
def test_what_cannot_be_read_is_told(kit: Kit, typed: dict[str, str], code: str) -> None:
    kit.context.office.aid.note("t1", AidNote(wanted=(P.PKH,)))
    form = step_form(kit.context, AT, "t1 pkh")
    with pytest.raises(InputError, match=code):
        form.keep(filled(form, **({"who": "Karsono", "paper": "1"} | typed)))


def test_coordination_and_result_are_kept_and_shown_again(kit: Kit) -> None:
    meeting = meeting_form(kit.context, AT)
    meeting.keep(filled(meeting, dinsos="Wiwik", desa="Karsono", agreed="dua keluarga belum menerima"))
    again = filled(meeting_form(kit.context, AT))
    assert (again["dinsos"], again["desa"]) == ("Wiwik", "Karsono")
    aid = kit.context.office.aid
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    result = result_form(kit.context, AT)
    result.keep(filled(result, result="menunggu Dinsos", follow_up="Desember"))
    assert filled(result_form(kit.context, AT)) == {"result": "menunggu Dinsos", "follow_up": "Desember"}


def test_a_form_says_above_its_fields_what_it_is_for(kit: Kit) -> None:
    forms = (note_form(kit.context, "t1"), meeting_form(kit.context, AT), result_form(kit.context, AT))
    hints = ("note_form_hint", "meeting_hint", "result_form_hint")
    assert [form.hint for form in forms] == [message(f"aid.{hint}") for hint in hints]


def test_others_get_a_form_that_says_why_not(kit: Kit) -> None:
    keeper, field = kit.context_of(PENGURUS), kit.context_of(PETUGAS)
    kit.context.office.aid.note("t1", AidNote(wanted=(P.PKH,)))
    for form in (
        note_form(keeper, "t1"),
        step_form(keeper, AT, "t1 pkh"),
        meeting_form(keeper, AT),
        result_form(field, AT),
    ):
        assert form.load() == ()
        assert form.hint in (message("aid.not_yours"), message("aid.not_judge"))
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            form.keep({})
