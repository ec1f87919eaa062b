from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support.aided import SCAN, aided, key, proposed
from support.app_context import KETUA, PENGURUS, PETUGAS, TARGETS, TODAY, Kit
from support.clock import NOW
from support.letters import AT, KADIS, KASI

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.aid import AidCase, AidNote, AidRound, AidState, Dtsen, Program
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import ServiceCategory, TargetVerdict
from fieldkit.domain.recording.session import EndReason
from fieldkit.services.aid import AidStep, FollowAid

S, P = AidState, Program
LOKET = User("u10", "Nur Aini", Role.LOKET)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = aided(tmp_path)
    yield kit
    kit.store.close()


@pytest.fixture
def aid(kit: Kit) -> FollowAid:
    return kit.context.office.aid


def told(kit: Kit, aggregate: str) -> list[str]:
    with kit.store.read() as unit:
        return [event.kind for event in unit.events.of(aggregate)]


def shown(aid: FollowAid) -> list[tuple[str, str]]:
    lines = aid.overview(AT).lines
    return [(line.target.target_id, line.aid.program.value if line.aid else "") for line in lines]


def test_a_person_is_noted_proposed_and_answered(kit: Kit, aid: FollowAid) -> None:
    aid.note("t1", AidNote(Dtsen.BELUM, 2, (P.PBI_JK,), (P.PKH,), "  tinggal sendiri "))
    aid.move(AT, [key(1)], proposed(files=(SCAN,), paper_on=TODAY, follow_up_on=TODAY + timedelta(days=14)))
    aid.move(AT, [key(1)], AidStep(S.DIVERIFIKASI, "Wiwik, Dinsos", paper="460/12"))
    (case,) = aid.move(AT, [key(1)], AidStep(S.DITOLAK, "Wiwik, Dinsos", paper="460/19", reason="sudah di desil 7"))
    (pkh,) = case.aids
    assert [each.state for each in pkh.acts] == [S.DICATAT, S.DIUSULKAN, S.DIVERIFIKASI, S.DITOLAK]
    assert (pkh.acts[-1].reason, pkh.follow_up_on, case.note) == ("sudah di desil 7", None, "tinggal sendiri")
    assert told(kit, "t1")[-4:] == ["aid_noted", "aid_moved", "aid_moved", "aid_moved"]
    with kit.store.read() as unit:
        (file,) = pkh.acts[1].files
        assert unit.attachments.get(file).content == SCAN.content
        assert unit.repository(AidCase).get("t1") == case


def test_one_musdes_proposes_many_and_refuses_them_together(kit: Kit, aid: FollowAid) -> None:
    for number in (1, 2, 5):
        aid.note(f"t{number}", AidNote(wanted=(P.PKH, P.SEMBAKO)))
    keys = [key(number, program) for number in (1, 2) for program in (P.PKH, P.SEMBAKO)]
    assert len(aid.move(AT, [*keys, keys[0]], proposed(files=(SCAN,)))) == 2
    assert aid.overview(AT).counts == {S.DIUSULKAN: 4, S.DICATAT: 2}
    before = told(kit, "t5")
    with pytest.raises(RuleError, match=r"aid\.no_way"):
        aid.move(AT, [key(5), key(1)], proposed())
    assert told(kit, "t5") == before
    assert aid.overview(AT).counts == {S.DIUSULKAN: 4, S.DICATAT: 2}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"who": "  "}, "aid.no_name"),
        ({"paper": " "}, "aid.no_evidence"),
        ({"paper": " ", "files": (SCAN,)}, ""),
        ({"state": S.DITOLAK}, "aid.no_reason"),
        ({"paper_on": TODAY}, ""),
        ({"paper_on": TODAY + timedelta(days=1)}, "aid.in_future"),
        ({"at": NOW}, ""),
        ({"at": NOW + timedelta(seconds=1)}, "aid.in_future"),
        ({"follow_up_on": TODAY}, ""),
        ({"follow_up_on": TODAY - timedelta(days=1)}, "aid.follow_up_past"),
    ],
)
def test_an_outsiders_act_needs_name_and_evidence(aid: FollowAid, changes: dict[str, object], code: str) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    with pytest.raises(InputError, match=code) if code else nullcontext():
        aid.move(AT, [key(1)], proposed(**changes))
    assert aid.overview(AT).counts == {S.DICATAT if code else S.DIUSULKAN: 1}


@pytest.mark.parametrize(("at", "then"), [(None, NOW), (NOW - timedelta(days=2), NOW - timedelta(days=2))])
def test_an_act_is_dated_when_it_was_and_only_a_refusal_has_a_reason(
    aid: FollowAid, at: datetime | None, then: datetime
) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed(at=at, reason="usulan musdes"))
    (case,) = aid.move(AT, [key(1)], proposed(at=at, state=S.DITOLAK, reason=" kuota penuh "))
    assert [(act.at, act.reason) for act in case.aids[0].acts[1:]] == [(then, ""), (then, "kuota penuh")]


def test_wrong_acts_change_nothing(kit: Kit, aid: FollowAid) -> None:
    with pytest.raises(InputError, match=r"aid\.nobody"):
        aid.move(AT, [], proposed())
    with pytest.raises(StoreError):
        aid.move(AT, [key(1)], proposed())
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    with pytest.raises(InputError, match=r"aid\.in_future"):
        aid.move(AT, [key(1)], proposed(at=kit.clock.now() + timedelta(minutes=1)))
    with pytest.raises(RuleError, match=r"aid\.need_unknown"):
        aid.move("a2", [key(1)], proposed())
    with pytest.raises(StoreError):
        aid.note("nobody", AidNote())
    with kit.store.read() as unit:
        assert not unit.attachments.of(AT)


def test_the_same_note_twice_is_one_event(kit: Kit, aid: FollowAid) -> None:
    for _ in range(2):
        aid.note("t1", AidNote(Dtsen.TERDAFTAR, 1))
    assert told(kit, "t1").count("aid_noted") == 1


def test_a_new_note_keeps_what_was_proposed(aid: FollowAid) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    aid.note("t1", AidNote(Dtsen.TERDAFTAR, 1, wanted=(P.PKH, P.SEMBAKO)))
    assert aid.overview(AT).counts == {S.DIUSULKAN: 1, S.DICATAT: 1}


def test_the_list_begins_with_what_is_due(kit: Kit, aid: FollowAid) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.note("t2", AidNote(wanted=(P.SEMBAKO, P.BLT_DD)))
    aid.note("t3", AidNote(Dtsen.TERDAFTAR))
    aid.move(AT, [key(2, P.SEMBAKO)], proposed(follow_up_on=TODAY))
    aid.move(AT, [key(1)], proposed(follow_up_on=TODAY + timedelta(days=3)))
    aid.note("t4", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(4)], proposed())
    aid.move(AT, [key(4)], proposed(state=S.DITOLAK, reason="kuota penuh"))
    open_first = [("t2", "sembako"), ("t2", "blt_dd"), ("t1", "pkh")]
    assert shown(aid) == [*open_first, ("t5", ""), ("t6", ""), ("t7", ""), ("t3", ""), ("t4", "pkh")]
    kit.clock.advance(days=4)
    seen = aid.overview(AT)
    assert (seen.due, seen.people, seen.not_noted, len(seen.lines)) == (2, 4, 3, 8)


def test_who_died_or_moved_is_not_asked_about(kit: Kit, aid: FollowAid) -> None:
    verdicts = {"t5": TargetVerdict.SUDAH_MEREKAM, "t6": TargetVerdict.MENINGGAL, "t7": TargetVerdict.PINDAH}
    kit.context.office.verification.judge(AT, verdicts)  # t5 has a card, may still need aid
    recording = kit.context_of(PETUGAS).recording
    for target, end in (("t3", EndReason.DECLINED), ("t4", EndReason.DECEASED)):
        recording.abandon(recording.open(target).session_id, end)
    seen = aid.overview(AT)
    assert seen.not_noted == kit.context_of(PENGURUS).office.aid.overview(AT).not_noted == 4
    assert shown(aid) == [("t1", ""), ("t2", ""), ("t3", ""), ("t5", "")]


def test_who_follows_up_or_judges_sees_the_people(kit: Kit) -> None:
    seeing = {role for role in Role if not kit.context_of(User("u", "U", role)).office.aid.overview(AT).is_hidden}
    field, judges = {Role.PETUGAS_PEREKAMAN, Role.KETUA_TIM}, {Role.KASI, Role.KABID, Role.KEPALA_DINAS}
    assert seeing == field | judges


@pytest.mark.parametrize("user", [PENGURUS, LOKET, User("u8", "Sigit", Role.ADMIN_DINAS)])
def test_others_see_numbers_and_nobody(kit: Kit, aid: FollowAid, user: User) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    theirs = kit.context_of(user).office.aid
    seen = theirs.overview(AT)
    assert (seen.is_hidden, seen.lines, seen.people) == (True, (), 1)
    for forbidden in (
        lambda: theirs.one("t1"),
        lambda: theirs.round(AT),
        lambda: theirs.note("t1", AidNote()),
        lambda: theirs.move(AT, [key(1)], proposed()),
        lambda: theirs.meet(AT, "Wiwik", "Karsono"),
        lambda: theirs.export(AT, strict_catalogue("id")),
        lambda: theirs.evaluate(AT, "baik"),
    ):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            forbidden()


def test_the_kasi_and_the_head_judge_the_result_and_the_field_does_not(kit: Kit, aid: FollowAid) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    with pytest.raises(RuleError, match=r"aid\.nothing_proposed"):
        aid.evaluate(AT, "belum ada usulan")
    aid.move(AT, [key(1)], proposed())
    with pytest.raises(InputError, match=r"aid\.no_result"):
        aid.evaluate(AT, "  ")
    for user in (PETUGAS, KETUA):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            kit.context_of(user).office.aid.evaluate(AT, "baik")
    kit.context_of(KADIS).office.aid.evaluate(AT, " satu usulan, menunggu Dinsos ", "tanya lagi bulan depan")
    (judged,) = aid.round(AT).evaluations
    assert (judged.by, judged.result, judged.counts) == (
        KADIS.user_id,
        "satu usulan, menunggu Dinsos",
        {S.DIUSULKAN: 1},
    )


def test_a_meeting_needs_somebody(kit: Kit, aid: FollowAid) -> None:
    with pytest.raises(InputError, match=r"aid\.no_name"):
        aid.meet(AT, " ", "")
    with pytest.raises(InputError, match=r"aid\.in_future"):
        aid.meet(AT, "Wiwik", "", at=kit.clock.now() + timedelta(hours=1))
    with pytest.raises(StoreError):
        aid.meet("nowhere", "Wiwik", "")
    assert not aid.meet(AT, "", "Karsono").is_coordinated
    for at, then in ((None, NOW), (NOW, NOW), (NOW - timedelta(days=2), NOW - timedelta(days=2))):
        met = aid.meet(AT, "Wiwik", "", "dua keluarga belum menerima apa pun", at, (SCAN,) if at is None else ())
        assert (met.meetings[-1].at, met.is_coordinated) == (then, True)
    with kit.store.read() as unit:
        assert unit.repository(AidRound).get(AT) == met
        assert [each.name for each in unit.attachments.of(AT)] == [SCAN.name]


def test_the_list_goes_out_with_its_mark_and_without_a_category(kit: Kit, aid: FollowAid) -> None:
    messages = strict_catalogue("id")
    with pytest.raises(RuleError, match=r"aid\.nothing_noted"):
        aid.export(AT, messages)
    aid.note("t6", AidNote(Dtsen.BELUM, 1, (P.PBI_JK,), (P.PKH, P.ATENSI)))
    aid.note("t1", AidNote())
    name, content = aid.export(AT, messages)
    rows = [[str(cell.value or "") for cell in row] for row in load_workbook(BytesIO(content)).active.iter_rows()]
    text = " ".join(cell for row in rows for cell in row)
    assert name == "bantuan-20261121.xlsx"
    assert [row[2] for row in rows[1:4]] == ["WARSITO", "WARSITO", "MISINEM"]
    told_of = [messages.text(f"aid.program_{each}") for each in ("pkh", "atensi")]
    state = messages.text("aid.state_dicatat")
    assert [row[5] for row in rows[1:4]] == ["1", "1", ""]
    assert [row[7:9] for row in rows[1:4]] == [[told_of[0], state], [told_of[1], state], ["", ""]]
    assert KASI.name in rows[-1][0]
    assert TARGETS[5].biodata.nik.digits in text
    for category in ServiceCategory:
        assert messages.text(f"category.{category.value}").lower() not in text.lower()
    assert told(kit, AT)[-1] == "aid_exported"


def test_the_log_names_nobody(kit: Kit, aid: FollowAid) -> None:
    aid.note("t1", AidNote(note="tinggal dengan cucu"))
    aid.note("t2", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(2)], proposed())
    aid.meet(AT, "Wiwik", "Karsono", "belum menerima")
    with kit.store.read() as unit:
        said = " ".join(event.payload for at in ("t1", "t2", AT) for event in unit.events.of(at))
    assert not any(word in said for word in ("cucu", "Karsono", "Wiwik", "menerima", "MUSDES", "pkh"))
