from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.gateway import Kit, open_plainly, receive

from fieldkit.domain.errors import KnownError
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.opener import Circumstances, OpenedRecord, Opener, Outcome
from sync.gateway.opening.process import open_always, open_waiting
from sync.gateway.penunggalan import NikRule
from sync.gateway.tables import records
from sync.protocol.messages import Announcement


def arrive(gateway_context: GatewayContext, kit: Kit) -> tuple[str, str]:
    record_id, manifest, sealed, sha256 = kit.record(size=200)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id, sha256


def verdicts(gateway_context: GatewayContext) -> list[str]:
    with gateway_context.engine.begin() as connection:
        return sorted(connection.scalars(sa.select(records.c.verdict)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_after_the_record_under_way(
    gateway_context: GatewayContext, kit: Kit, number: signal.Signals
) -> None:
    for _ in range(3):
        arrive(gateway_context, kit)
    before = signal.getsignal(number)
    opened = []

    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        opened.append(sealed)
        if len(opened) == 2:
            os.kill(os.getpid(), number)
        return open_plainly(sealed, known)

    open_always(Opener(gateway_context, open_sealed, NikRule()), lambda: None)
    assert verdicts(gateway_context) == ["", "valid", "valid"]
    assert signal.getsignal(number) is before


def test_it_waits_for_what_comes_later(gateway_context: GatewayContext, kit: Kit) -> None:
    def come() -> None:
        arrive(gateway_context, kit)

    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        os.kill(os.getpid(), signal.SIGTERM)
        return open_plainly(sealed, known)

    later = threading.Timer(0.05, come)
    open_always(Opener(gateway_context, open_sealed, NikRule()), later.start, every_s=0.01)
    later.join()
    assert verdicts(gateway_context) == ["valid"]


def test_that_it_waits_for_the_database_is_logged_once(
    gateway_context: GatewayContext, kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    tries = []

    def away_at_first(sealed: bytes, known: Circumstances) -> OpenedRecord:
        tries.append(sealed)
        if len(tries) < 4:
            raise sa.exc.OperationalError("", {}, Exception())
        os.kill(os.getpid(), signal.SIGTERM)
        return open_plainly(sealed, known)

    arrive(gateway_context, kit)
    open_always(Opener(gateway_context, away_at_first, NikRule()), lambda: None, every_s=0.001)
    assert verdicts(gateway_context) == ["valid"]
    assert caplog.messages == ["the opener waits: OperationalError"]


@pytest.mark.allow_logs
def test_what_became_of_everything_that_waited_is_counted(
    gateway_context: GatewayContext, kit: Kit, folder: Path
) -> None:
    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        opened = open_plainly(sealed, known)
        match opened.link.sequence:
            case 2:
                raise KnownError("vault.age_tampered")
            case 3:
                raise ZeroDivisionError
        return opened

    made = [arrive(gateway_context, kit) for _ in range(5)]
    objects = folder / "objects"
    with gateway_context.engine.begin() as connection:
        keys = dict(connection.execute(sa.select(records.c.record_id, records.c.key)).all())
    (objects / keys[made[3][0]]).unlink()
    opener = Opener(gateway_context, open_sealed, NikRule())
    opened, is_all_read = open_waiting(opener, lambda: None)
    expected = {Outcome.VALID: 2, Outcome.INVALID: 1, Outcome.SET_ASIDE: 1, Outcome.LOST: 1}
    assert (opened, is_all_read) == (expected, True)


@pytest.mark.allow_logs
def test_an_object_that_cannot_be_read_is_no_end_but_said(
    gateway_context: GatewayContext, kit: Kit, folder: Path
) -> None:
    arrive(gateway_context, kit)
    (folder / "objects" / "sealed").rename(folder / "away")
    opened, is_all_read = open_waiting(Opener(gateway_context, open_plainly, NikRule()), lambda: None)
    assert (opened, is_all_read) == ({}, False)


def test_a_database_that_goes_away_is_said(gateway_context: GatewayContext, kit: Kit) -> None:
    def away(*_: object) -> OpenedRecord:
        raise sa.exc.OperationalError("", {}, Exception())

    arrive(gateway_context, kit)
    with pytest.raises(KnownError) as caught:
        open_waiting(Opener(gateway_context, away, NikRule()), lambda: None)
    assert caught.value.code == "gateway.database_away"
