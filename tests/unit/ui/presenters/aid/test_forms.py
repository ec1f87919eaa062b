from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.aided import SCAN, aided, key, proposed
from support.app_context import PENGURUS, PETUGAS, Kit
from support.letters import AT

from fieldkit.domain.aid import AidNote, AidState, Dtsen, Program
from fieldkit.domain.errors import InputError, RuleError
from ui.presenters.aid.forms import meeting_form, note_form, result_form, step_form
from ui.presenters.form import Form
from ui.presenters.messages import message

S, P = AidState, Program


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = aided(tmp_path)
    yield kit
    kit.store.close()


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
        form.keep(filled(form, decile=text))


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
