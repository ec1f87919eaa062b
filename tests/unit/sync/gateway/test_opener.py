from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, open_plainly

from fieldkit.domain.errors import VaultError
from fieldkit.domain.record import ChainLink
from sync.gateway.admission import Admission
from sync.gateway.house import House
from sync.gateway.ledger import Ledger
from sync.gateway.opener import OpenedRecord, Opener, OpenerLane, OpenSealed
from sync.gateway.penunggalan import NikRule
from sync.gateway.tables import records
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Announcement, StatusItem
from tests.unit.sync.gateway.conftest import enrolled


@pytest.fixture
def receive(house: House, kit: Kit) -> Callable[..., str]:
    def one(**record: object) -> str:
        record_id, manifest, sealed, _ = kit.record(size=500, **record)  # type: ignore[arg-type]  # record()'s own
        Ledger(house).announce(kit.name, Announcement(manifests=(manifest,)))
        Uploads(house).create(kit.name, record_id, len(sealed))
        Uploads(house).append(kit.name, record_id, 0, sealed)
        Uploads(house).receipt(kit.name, record_id)
        return record_id

    return one


def statuses(house: House, kit: Kit) -> list[StatusItem]:
    return list(Ledger(house).statuses(kit.name, "").items)


def test_a_valid_record_gets_its_verdict_once(house: House, kit: Kit, receive: Callable[..., str]) -> None:
    receive()
    opener = Opener(house, open_plainly, NikRule())
    assert (opener.run_pending(), opener.run_pending()) == (1, 0)
    assert [(item.code, item.verdict, item.source) for item in statuses(house, kit)] == [
        ("RECEIVED_AT_CENTRAL", "valid", "uji coba"),
        ("PRINT_READY_RECORD", "valid", "uji coba"),
    ]


def test_the_nik_is_kept_only_as_a_keyed_hash(house: House, receive: Callable[..., str], folder: Path) -> None:
    receive(nik="3315014107900123")
    Opener(house, open_plainly, NikRule()).run_pending()
    with house.engine.begin() as connection:
        mac = connection.scalar(sa.select(records.c.nik_mac))
    assert mac is not None
    assert len(mac) == 64
    database = b"".join(path.read_bytes() for path in folder.glob("gateway.sqlite3*"))
    assert b"3315014107900123" not in database


def says(record: OpenedRecord | None, code: str = "") -> OpenSealed:
    def open_sealed(_sealed: bytes, _at: datetime, _revoked: Collection[int]) -> OpenedRecord:
        if record is None:
            raise VaultError(code)
        return record

    return open_sealed


def test_what_does_not_open_fails_with_the_reason(house: House, kit: Kit, receive: Callable[..., str]) -> None:
    receive()
    Opener(house, says(None, "vault.age_no_identity"), NikRule()).run_pending()
    (item,) = statuses(house, kit)
    assert (item.code, item.verdict, item.reason) == ("ENROLL_FAILURE_AT_CENTRAL", "invalid", "vault.age_no_identity")


@pytest.mark.parametrize(
    "other", [{"record_id": "x"}, {"kit": "kit-02"}, {"link": ChainLink("c2", 1, "")}, {"link": ChainLink("c1", 7, "")}]
)
def test_content_that_is_not_what_the_manifest_says_fails(
    house: House, kit: Kit, receive: Callable[..., str], other: dict[str, object]
) -> None:
    truth = {"record_id": receive(), "kit": kit.name, "link": ChainLink("c1", 1, "")}
    opened = OpenedRecord(**{**truth, **other}, nik="3315014107900001")  # type: ignore[arg-type]  # built from both
    Opener(house, says(opened), NikRule()).run_pending()
    assert [item.reason for item in statuses(house, kit)] == ["gateway.record_mismatch"]


def test_penunggalan_may_answer_later(house: House, kit: Kit, receive: Callable[..., str]) -> None:
    class Later:
        def decide(self, *_: object) -> None:
            return None

    receive()
    Opener(house, open_plainly, Later()).run_pending()
    assert [item.code for item in statuses(house, kit)] == ["RECEIVED_AT_CENTRAL"]


def test_revoked_certificates_are_told_to_the_seal(
    house: House, kit: Kit, receive: Callable[..., str], folder: Path, clock: HandClock
) -> None:
    told: list[Collection[int]] = []

    def open_sealed(sealed: bytes, at: datetime, revoked: Collection[int]) -> OpenedRecord:
        told.append(revoked)
        return open_plainly(sealed, at, revoked)

    enrolled(folder, house, clock, "kit-02")
    Admission(house).revoke_kit("kit-02")
    receive()
    Opener(house, open_sealed, NikRule()).run_pending()
    assert [len(revoked) for revoked in told] == [2]


def test_the_lane_works_when_woken_and_survives_a_missing_disk(
    house: House, kit: Kit, receive: Callable[..., str], caplog: pytest.LogCaptureFixture, folder: Path
) -> None:
    lane = OpenerLane(Opener(house, open_plainly, NikRule()), every_s=0.05)
    objects = folder / "objects" / "sealed"
    receive()
    objects.rename(folder / "away")
    lane.start()
    while not caplog.records:
        time.sleep(0.01)
    assert lane.is_alive
    (folder / "away").rename(objects)
    lane.wake()
    for _ in range(200):
        if statuses(house, kit):
            break
        time.sleep(0.02)
    lane.stop()
    assert not lane.is_alive
    assert len(statuses(house, kit)) == 2
