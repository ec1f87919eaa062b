"""When a letter counts as issued; the acts themselves are walked in tests/e2e."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from support.app_context import ACTIVITY, Kit
from support.kept import target

from fieldkit.app.demo.kit import KASI
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.office_acts import (
    ClockTold,
    OutsiderAct,
    SopReport,
    StepTold,
    _is_issued,
    _unchecked,
    acts_of,
)
from fieldkit.domain.cards.card import CardCase, CourierRun, CourierState, Document, Handing, MarkKind, Place, Receipt
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import TargetVerdict
from fieldkit.services.context.office import Office


@pytest.fixture
def clerk(tmp_path: Path) -> Iterator[Clerk]:
    with Kit(tmp_path, KASI) as kit:
        with kit.context.office.units.write(Permission.PLAN) as writing:
            writing.unit.activities.save(ACTIVITY)
        yield cast(Clerk, SimpleNamespace(context=kit.context, activity_id=ACTIVITY.activity_id))


def test_a_draft_is_not_issued(clerk: Clerk) -> None:
    letters = clerk.context.office.letters
    draft = letters.draft(
        LetterKind.JADWAL,
        ACTIVITY.activity_id,
        {"signer": {"name": "Kabid D", "nip": "", "pangkat": "", "jabatan": "Kabid"}},
    )
    assert not _is_issued(clerk, LetterKind.JADWAL)
    letters.issue(draft.thing_id, "")
    assert _is_issued(clerk, LetterKind.JADWAL)
    assert not _is_issued(clerk, LetterKind.SURAT_TUGAS)


AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def receipt(who: str, attachment_id: str) -> Receipt:
    return Receipt(who, "", "", AT, "u1", MarkKind.SIGNATURE, attachment_id)


CARD = CardCase("c1", "a1", Document.KTP_EL, "r1", "SITI", "3505••", "JIMBE", ())


def office(*cards: CardCase) -> Office:
    nothing = SimpleNamespace(of=lambda _: ())
    aid = SimpleNamespace(overview=lambda _: SimpleNamespace(lines=()))
    handover = SimpleNamespace(all=lambda _: cards)
    return cast(Office, SimpleNamespace(requests=nothing, letters=nothing, trips=nothing, handover=handover, aid=aid))


def test_whoever_signed_for_a_document_is_told_once_with_the_signature() -> None:
    desa = Handing(Place.DESA, AT, "u1", "Carik", receipt=receipt("Carik", "s1"))
    card = replace(CARD, handings=(desa,), receipt=receipt("SITI", "s2"))
    assert acts_of(office(card, replace(card, thing_id="c2")), "a1") == [
        OutsiderAct("takes over for the desa", "Carik", "s1"),
        OutsiderAct("takes the document", "SITI", "s2"),
    ]


def test_a_courier_is_one_and_no_act_is_told_without_evidence() -> None:
    run = CourierRun(CourierState.DISERAHKAN_KE_KURIR, taken=receipt("Joko", "s3"))
    assert acts_of(office(replace(CARD, courier=run)), "a1") == [OutsiderAct("takes along as courier", "Joko", "s3")]
    assert acts_of(office(replace(CARD, receipt=receipt("SITI", ""))), "a1") == []
    assert acts_of(office(CARD), "a1") == []


def test_the_report_has_what_programs_ask_for() -> None:
    clock = ClockTold("1 x 24 jam", "2026-11-24T03:00:00+00:00", "running")
    report = SopReport("x", 12, 6, 235, 17.04, 9, [Path("a.pdf")], [Path("b.png")], [clock], ["Kasi"])
    report.steps.append(StepTold(5, "declared", (), ("Surat",), ("who",), "", "2026-11-23T08:25:01+07:00", 15))
    told = report.as_json()
    assert told["id"] == "x"
    assert (told["steps_total"], told["steps_done"], told["standard_minutes"], told["seconds"]) == (12, 6, 235, 17.0)
    assert told["sla"] == [{"rule": "1 x 24 jam", "due_at": "2026-11-24T03:00:00+00:00", "state": "running"}]
    (step,) = told["steps"]
    assert {key: step[key] for key in ("number", "how", "facts", "outputs", "missing")} == {
        "number": 5,
        "how": "declared",
        "facts": (),
        "outputs": ("Surat",),
        "missing": ("who",),
    }
    assert (step["began_at"], step["ended_at"], step["minutes"]) == ("", "2026-11-23T08:25:01+07:00", 15)
    assert (told["documents"], told["screenshots"]) == (["a.pdf"], ["b.png"])


def test_everybody_is_unchecked_until_somebody_says_otherwise(tmp_path: Path) -> None:
    with Kit(tmp_path, KASI) as kit:
        kit.plan(*(replace(target(n), activity_id=ACTIVITY.activity_id) for n in (1, 2)))
        clerk = cast(Clerk, SimpleNamespace(context=kit.context, activity_id=ACTIVITY.activity_id))
        assert _unchecked(clerk) == 2
        kit.context.office.verification.judge(
            ACTIVITY.activity_id, dict.fromkeys([target(1).target_id], TargetVerdict.TERVERIFIKASI)
        )
        assert _unchecked(clerk) == 1
