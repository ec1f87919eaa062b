"""Every target gets its verdict before the team leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.planning.outreach import TargetFilter, TargetState, TargetVerdict
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.formats.target_sheets import SpreadsheetFiles
from fieldkit.services.targets import verify_targets

V = TargetVerdict
SHEETS = SpreadsheetFiles()
ID = strict_catalogue("id")
EVERYBODY = [target.target_id for target in TARGETS]


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def state(kit: Kit, target_id: str) -> tuple[TargetState, str, TargetVerdict]:
    target = kit.context.visits.target(target_id)
    return target.state, target.reason, target.verdict


def answered(kit: Kit, *results: Sequence[str]) -> bytes:
    """Fill the exported list: target id → result, remark, and a NIK when it is to differ."""
    (sheet,) = SHEETS.read("siak.xlsx", kit.context.office.verification.export("a1", ID)[1])
    given = {result[0]: result[1:] for result in results}
    rows = []
    for row in sheet.rows[1:]:
        cells = [str(cell or "") for cell in (*row.cells, *[None] * 9)][:9]
        result, remark, nik = (*given.get(cells[0], ("", "")), "", "")[:3]
        rows.append((cells[0], nik or cells[1], *cells[2:7], result, remark))
    return SHEETS.write("x", [str(cell) for cell in sheet.rows[0].cells], rows)


def test_a_verdict_takes_people_off_the_round_and_back_on_it(kit: Kit) -> None:
    verification = kit.context.office.verification
    verification.judge("a1", dict.fromkeys(["t1"], V.MENINGGAL))
    assert state(kit, "t1") == (TargetState.CANCELLED, "meninggal", V.MENINGGAL)
    verification.judge("a1", dict.fromkeys(["t1"], V.TERVERIFIKASI))
    assert state(kit, "t1") == (TargetState.PLANNED, "", V.TERVERIFIKASI)
    verification.judge("a1", dict.fromkeys(["t2"], V.NIK_BERMASALAH))
    assert state(kit, "t2") == (TargetState.PLANNED, "", V.NIK_BERMASALAH)
    assert verification.tally("a1") == {V.BELUM_DICEK: 5, V.TERVERIFIKASI: 1, V.NIK_BERMASALAH: 1}


def test_many_are_judged_at_once(kit: Kit) -> None:
    verification = kit.context.office.verification
    wanted = TargetFilter(verdicts=(V.BELUM_DICEK,))
    verification.judge("a1", dict.fromkeys(EVERYBODY, V.TERVERIFIKASI))
    assert verification.worklist("a1", wanted) == []
    with kit.store.read() as unit:
        payload = json.loads(unit.events.of("a1")[-1].payload)
    assert (payload["verdict"], payload["count"]) == ("terverifikasi", 7)


def test_somebody_recorded_is_judged_no_more(kit: Kit) -> None:
    kit.seal(1, TARGETS[0])
    with pytest.raises(RuleError, match=r"verify\.recorded"):
        kit.context.office.verification.judge("a1", dict.fromkeys(["t2", "t1"], V.PINDAH))
    assert state(kit, "t2")[2] is V.BELUM_DICEK


def test_the_unverified_go_out_with_ids_and_a_mark(kit: Kit) -> None:
    verification = kit.context.office.verification
    verification.judge("a1", dict.fromkeys(["t1"], V.TERVERIFIKASI))
    name, content = verification.export("a1", ID)
    (sheet,) = SHEETS.read(name, content)
    assert sheet.rows[0].cells[:2] == ("ID Sasaran", "NIK")
    assert [row.cells[0] for row in sheet.rows[1:-1]] == ["t2", "t3", "t4", "t5", "t6", "t7"]
    assert KETUA.name in str(sheet.rows[-1].cells[0])
    with kit.store.read() as unit:
        assert json.loads(unit.events.of("a1")[-1].payload) == {"count": 6}
    verification.judge("a1", dict.fromkeys(EVERYBODY, V.TERVERIFIKASI))
    with pytest.raises(RuleError, match=r"verify\.nothing_left"):
        verification.export("a1", ID)


def test_the_answer_is_matched_by_id_and_nik_and_the_rest_is_listed(kit: Kit) -> None:
    verification = kit.context.office.verification
    content = answered(
        kit,
        ("t1", "Terverifikasi", ""),
        ("t2", "pindah", "ke Surabaya 2024"),
        ("t3", "sudah merekam", "", "3505121203100009"),
        ("t4", "entahlah", ""),
        ("t5", "meninggal", ""),
    )
    answer = verification.read_answer("a1", "jawaban.xlsx", content)
    assert [(row.target.target_id, row.verdict) for row in answer.rows] == [
        ("t1", V.TERVERIFIKASI),
        ("t2", V.PINDAH),
        ("t5", V.MENINGGAL),
    ]
    assert [str(row.reasons[0].code) for row in answer.refused] == [
        "verify.answer_other_nik",
        "list.no_verdict",
        "verify.answer_empty",
        "verify.answer_empty",
    ]
    assert state(kit, "t2")[2] is V.BELUM_DICEK
    verification.take_answer("a1", answer)
    assert state(kit, "t2") == (TargetState.CANCELLED, "pindah", V.PINDAH)
    assert verification.notes("t2") == TargetNotes("t2", "a1", check="ke Surabaya 2024")


def test_rows_of_another_list_and_doubled_ones_fit_nobody(kit: Kit) -> None:
    header = ["ID Sasaran", "NIK", "Hasil"]
    nik = TARGETS[0].biodata.nik.digits
    rows = [("t9", nik, "pindah"), ("t1", nik, "pindah"), ("t1", nik, "meninggal"), ("", nik, "pindah")]
    rows += [("t2", nik, "pindah"), ("t3", "3,50512E+15", "pindah")]
    answer = kit.context.office.verification.read_answer("a1", "x.xlsx", SHEETS.write("x", header, rows))
    assert [row.verdict for row in answer.rows] == [V.PINDAH]
    assert [str(row.reasons[0].code) for row in answer.refused] == [
        "verify.answer_unknown",
        "verify.answer_twice",
        "verify.answer_twice",
        "verify.answer_other_nik",
        "list.lost_digits",
    ]


def test_a_list_without_our_ids_is_read_by_the_nik_alone(kit: Kit) -> None:
    with kit.store.write() as unit:
        unit.targets.save([replace(TARGETS[3], target_id="t8", house=8)])  # t4 is on the list twice
    niks = [target.biodata.nik.digits for target in TARGETS]
    lines = [f"{niks[0]};BLM_RKM_KTP", f"{niks[1]};PRINT READY RECORD", f"{niks[3]};pindah", "3505120101500099;pindah"]
    content = "\n".join(["NIK;EKTP_STATUS", *lines]).encode()
    answer = kit.context.office.verification.read_answer("a1", "kembali.csv", content)
    assert [(row.target.target_id, row.verdict) for row in answer.rows] == [
        ("t1", V.TERVERIFIKASI),
        ("t2", V.SUDAH_MEREKAM),
    ]
    assert [str(row.reasons[0].code) for row in answer.refused] == ["verify.answer_unknown_nik"] * 2


def test_a_file_that_is_no_answer_is_named(kit: Kit) -> None:
    with pytest.raises(InputError, match=r"verify\.not_our_file"):
        kit.context.office.verification.read_answer("a1", "x.csv", b"NIK;Nama\n1;2\n")
    empty = kit.context.office.verification.read_answer("a1", "x.xlsx", answered(kit))
    assert empty.counts == {}
    with pytest.raises(RuleError, match=r"verify\.nothing_taken"):
        kit.context.office.verification.take_answer("a1", empty)


def test_notes_are_kept_with_the_target(kit: Kit) -> None:
    notes = TargetNotes("t6", "a1", safety="datang bersama perawat")
    kit.context.office.verification.note(notes)
    assert kit.context.office.verification.notes("t6") == notes


def test_others_judge_nobody(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PENGURUS)
    kit.plan(*TARGETS)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        kit.context.office.verification.judge("a1", dict.fromkeys(["t1"], V.PINDAH))
    kit.store.close()


@pytest.mark.parametrize(
    ("before", "reason", "verdict", "after"),
    [
        *((TargetState.PLANNED, "", verdict, TargetState.CANCELLED) for verdict in (V.SUDAH_MEREKAM, V.MENINGGAL)),
        (TargetState.PLANNED, "", V.PINDAH, TargetState.CANCELLED),
        *((TargetState.PLANNED, "", verdict, TargetState.PLANNED) for verdict in (V.TERVERIFIKASI, V.NIK_BERMASALAH)),
        (TargetState.POSTPONED, "sakit", V.PINDAH, TargetState.CANCELLED),
        (TargetState.POSTPONED, "pindah", V.TERVERIFIKASI, TargetState.POSTPONED),
        (TargetState.CANCELLED, "pindah", V.TERVERIFIKASI, TargetState.PLANNED),
        (TargetState.CANCELLED, "meninggal", V.BELUM_DICEK, TargetState.PLANNED),
        (TargetState.CANCELLED, "sudah_merekam", V.TERVERIFIKASI, TargetState.PLANNED),
        (TargetState.CANCELLED, "menolak", V.TERVERIFIKASI, TargetState.CANCELLED),
    ],
)
def test_a_verdict_decides_whether_somebody_is_visited(
    kit: Kit, before: TargetState, reason: str, verdict: V, after: TargetState
) -> None:
    with kit.store.write() as unit:
        unit.targets.mark("t1", before, reason)
    kit.context.office.verification.judge("a1", {"t1": verdict})
    assert state(kit, "t1")[0] is after


@pytest.mark.parametrize(
    "begun", set(TargetState) - {TargetState.PLANNED, TargetState.POSTPONED, TargetState.CANCELLED}
)
def test_nobody_is_judged_whose_recording_has_begun_or_who_is_on_another_list(kit: Kit, begun: TargetState) -> None:
    verification = kit.context.office.verification
    with pytest.raises(RuleError, match=r"verify\.recorded"):
        verification.judge("a2", {"t2": V.PINDAH})
    with pytest.raises(StoreError, match=r"store\.not_found"):
        verification.judge("a1", {"stranger": V.PINDAH})
    with kit.store.write() as unit:
        unit.targets.mark("t1", begun)
    with pytest.raises(RuleError, match=r"verify\.recorded"):
        verification.judge("a1", {"t1": V.PINDAH})
    assert verification.tally("a1") == {V.BELUM_DICEK: 7}


def test_the_sop_hears_once_nobody_is_left_unchecked(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, Fulfilment]] = []
    monkeypatch.setattr(verify_targets, "fulfil", lambda _work, at, fact: heard.append((at, fact)))
    verification = kit.context.office.verification
    verification.judge("empty", {})
    verification.judge("a1", dict.fromkeys(EVERYBODY[1:], V.TERVERIFIKASI))
    assert heard == []
    verification.judge("a1", {"t1": V.PINDAH})
    assert heard == [("a1", Fulfilment.TARGETS_VERIFIED)]
    with kit.store.read() as unit:
        told = [json.loads(event.payload) for event in unit.events.of("a1") if event.kind == "targets_judged"]
    assert [(each["verdict"], each["count"]) for each in told] == [("terverifikasi", 6), ("pindah", 1)]


def test_a_remark_joins_what_is_noted_and_none_is_no_note(kit: Kit) -> None:
    verification = kit.context.office.verification
    verification.note(TargetNotes("t1", "a1", safety="anjing"))
    content = answered(kit, ("t1", "pindah", "ke Surabaya"), ("t2", "pindah", ""), ("t3", "pindah", "ke Malang"))
    verification.take_answer("a1", verification.read_answer("a1", "x.xlsx", content))
    assert verification.notes_of("a1") == {
        "t1": TargetNotes("t1", "a1", safety="anjing", check="ke Surabaya"),
        "t3": TargetNotes("t3", "a1", check="ke Malang"),
    }


@pytest.mark.parametrize("lacking", ["NIK", "Hasil"])
def test_an_answer_has_the_nik_and_the_result(kit: Kit, lacking: str) -> None:
    header = [name for name in ("ID Sasaran", "NIK", "Hasil", "Nama") if name != lacking]
    with pytest.raises(InputError, match=r"verify\.not_our_file"):
        kit.context.office.verification.read_answer("a1", "x.xlsx", SHEETS.write("x", header, [("t1", "1", "pindah")]))


def test_a_row_counts_as_soon_as_it_has_a_nik_or_a_result(kit: Kit) -> None:
    header, nik = ["ID Sasaran", "NIK", "Hasil", "Keterangan"], TARGETS[0].biodata.nik.digits
    rows = [("t1", nik, "pindah"), ("t2", "", "pindah"), ("t3", TARGETS[2].biodata.nik.digits), ("t4",)]
    answer = kit.context.office.verification.read_answer("a1", "x.xlsx", SHEETS.write("x", header, rows))
    assert [(row.target.target_id, row.remark) for row in answer.rows] == [("t1", "")]
    assert [str(row.reasons[0].code) for row in answer.refused] == ["verify.answer_other_nik", "verify.answer_empty"]
