"""A request is registered with its scans, its activity and its SOP, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, Kit

from fieldkit.domain.errors import InputError, KnownError, RuleError, StoreError
from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.targets.requests import Applicant, SuratPermohonan
from fieldkit.services.targets.register_request import MAX_SCAN_BYTES, ProposedActivity, scan_of

REQUEST = SuratPermohonan(
    thing_id="",
    activity_id="",
    applicant=Applicant.PEMERINTAH_DESA,
    sender="Pemerintah Desa Jimbe",
    number="470/112/409.51.7/2026",
    dated=date(2026, 11, 18),
    received_on=date(2026, 11, 20),
    subject="Permohonan perekaman KTP-el",
    village="Jimbe",
    district="Kademangan",
    region="350512",
    targets=12,
    contact="Sekdes 0812",
)
PROPOSED = ProposedActivity(
    "Jemput bola Desa Jimbe", "Desa Jimbe", date(2026, 12, 1), ModePerekaman.LURING, "blitar_si_jaran_ijo"
)
PDF = b"%PDF-1.7 surat"


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    yield kit
    kit.store.close()


def test_registering_begins_the_activity_and_its_sop(kit: Kit) -> None:
    requests = kit.context.office.requests
    kept = requests.register(REQUEST, PROPOSED, [scan_of("surat.pdf", PDF)])
    with kit.store.read() as unit:
        activity = unit.activities.get(kept.activity_id)
        run = unit.repository(SopRun).get(kept.activity_id)
        assert unit.events.of(kept.activity_id)[0].kind == "activity_proposed"
    assert (activity.place, activity.on, activity.sop) == ("Desa Jimbe", date(2026, 12, 1), "blitar_si_jaran_ijo")
    assert run.heard(Fulfilment.REQUEST_RECEIVED)
    assert not run.steps[0].now.is_over  # the letter comes with its list
    assert requests.of(kept.activity_id) == [kept]
    assert requests.search("jimbe kademangan") == [kept]
    assert requests.get(kept.thing_id) == kept
    (scan,) = kit.context.office.scans.of(kept.thing_id)
    assert (scan.name, scan.media_type, scan.content) == ("surat.pdf", "application/pdf", PDF)


def test_a_second_request_joins_an_activity_that_is_there(kit: Kit) -> None:
    requests = kit.context.office.requests
    first = requests.register(REQUEST, replace(PROPOSED, sop=""))
    second = replace(REQUEST, activity_id=first.activity_id, applicant=Applicant.PENANGANAN_MEDIS, number="445/7")
    kept = requests.register(second, None)
    assert [request.number for request in requests.of(first.activity_id)] == [REQUEST.number, "445/7"]
    assert kept.activity_id == first.activity_id


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sender": " "}, "request.no_sender"),
        ({"number": ""}, "request.no_number"),
        ({"subject": ""}, "request.no_subject"),
        ({"received_on": date(2026, 12, 24)}, "request.received_later"),
        ({"dated": date(2026, 11, 21)}, "request.dated_later"),
        ({"targets": -1}, "request.targets_wrong"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_kept(kit: Kit, changes: dict[str, object], code: str) -> None:
    with pytest.raises(InputError, match=code.replace(".", r"\.")):
        kit.context.office.requests.register(replace(REQUEST, **changes), PROPOSED)
    assert kit.context.office.requests.search() == []


@pytest.mark.parametrize(
    "proposed",
    [
        replace(PROPOSED, place=" "),
        replace(PROPOSED, name=" "),
        replace(PROPOSED, on=date(2026, 11, 20)),
        replace(PROPOSED, on=date(2027, 11, 23)),
        replace(PROPOSED, sop="nowhere"),
    ],
)
def test_an_impossible_activity_leaves_nothing(kit: Kit, proposed: ProposedActivity) -> None:
    with pytest.raises(KnownError):
        kit.context.office.requests.register(REQUEST, proposed)
    assert kit.context.office.requests.search() == []
    with kit.store.read() as unit:
        assert unit.activities.all() == []


def test_scans_are_known_by_their_content() -> None:
    assert scan_of("a", b"\xff\xd8\xff\xe0").media_type == "image/jpeg"
    assert scan_of("a", b"\x89PNG\r\n\x1a\n").media_type == "image/png"
    for content, code in ((b"", "empty"), (b"MZ program", "kind"), (b"%PDF-" + bytes(MAX_SCAN_BYTES), "too_big")):
        with pytest.raises(InputError, match=f"request.scan_{code}"):
            scan_of("surat.pdf", content)


def test_who_may_not_register_cannot(tmp_path: Path) -> None:
    kit = Kit(tmp_path, PENGURUS)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        kit.context.office.requests.register(REQUEST, PROPOSED)
    kit.store.close()


def test_villages_are_told_the_latest_first_and_once(kit: Kit) -> None:
    requests = kit.context.office.requests
    assert requests.villages() == ()
    for village in ("Jimbe", "Dawuhan", " ", "JIMBE"):
        kit.clock.advance(minutes=1)
        requests.register(replace(REQUEST, village=village), replace(PROPOSED, place=f"Desa {village}"))
    assert requests.villages() == ("JIMBE", "Dawuhan")


@pytest.mark.parametrize(
    ("changes", "on"),
    [
        ({"received_on": date(2026, 11, 21), "dated": date(2026, 11, 21)}, date(2026, 11, 21)),
        ({"targets": 0}, date(2027, 11, 22)),
    ],
)
def test_today_and_a_year_ahead_are_just_possible(kit: Kit, changes: dict[str, object], on: date) -> None:
    kept = kit.context.office.requests.register(replace(REQUEST, **changes), replace(PROPOSED, on=on))
    assert kit.context.office.requests.search() == [kept]


def test_an_activity_that_is_not_there_gets_no_request(kit: Kit) -> None:
    with pytest.raises(StoreError, match=r"store\.not_found"):
        kit.context.office.requests.register(replace(REQUEST, activity_id="stranger"), None)
    assert kit.context.office.requests.search() == []


def test_a_scan_may_have_just_the_most_bytes() -> None:
    scan = scan_of("a.pdf", b"%PDF-" + bytes(MAX_SCAN_BYTES - 5))
    assert (scan.media_type, len(scan.content)) == ("application/pdf", MAX_SCAN_BYTES)
