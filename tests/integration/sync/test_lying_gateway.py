"""Whatever answers instead of the data center: nothing is lost, nothing is called delivered without proof."""

from __future__ import annotations

import gc
import hashlib
import json
import socket
import uuid
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from support.faulty_answers import faults, further_faults
from support.gateway import Kit, World
from support.liar import Liar
from support.lying_line import LyingLine
from support.outbox import SmallOutbox
from support.planted import PlantedBug, demand_caught, demand_quiet
from support.tries import some_of

from fieldkit.domain.delivery import DeliveryState
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsSigner
from sync.kit import engine
from sync.kit.parts import Tally
from sync.protocol.messages import RECEIPT_TYP
from sync.protocol.outcomes import RunStoppedError

HTML = b"<html><body>Selamat datang di WiFi Desa</body></html>"
TUS = {"Tus-Resumable": "1.0.0"}
TRUNCATED = b'{"records": [{"record_id'


def refusal(code: str) -> bytes:
    return json.dumps({"code": code}).encode()


@pytest.mark.parametrize(
    ("liar", "code"),
    [
        (Liar("POST", "/hello", 200, HTML), "sync.nonsense"),
        (Liar("POST", "/hello", 302, b"", {"Location": "https://login.example/"}), "sync.nonsense"),
        (Liar("POST", "/hello", 426, refusal("protocol.version")), "sync.center_older"),
        (Liar("POST", "/token", 401, refusal("auth.kit_unknown")), "sync.not_admitted"),
        (Liar("POST", "/token", 200, b"{}"), "sync.nonsense"),
        (Liar("POST", "/reconcile", 200, TRUNCATED), "sync.nonsense"),
        (Liar("POST", "/reconcile", 200, b'{"records": []}'), "sync.nonsense"),
        (Liar("POST", "/reconcile", 401, refusal("auth.token_expired")), "sync.not_admitted"),
        (Liar("POST", "/reconcile", 200, b" " * 5_000_000), "sync.nonsense"),
        (Liar("POST", "/announce", 200, b'{"manifests": []}'), "sync.nonsense"),
        (Liar("POST", "/tus", 200, HTML), "sync.nonsense"),
        (Liar("POST", "/tus", 201, b"", {**TUS, "Upload-Offset": "-5"}), "sync.nonsense"),
        (Liar("POST", "/tus", 201, b"", {**TUS, "Upload-Offset": "999999999"}), "sync.nonsense"),
        (Liar("POST", "/tus", 507, refusal("server.full")), "sync.server_full"),
        (Liar("PATCH", "/tus", 200, HTML), "sync.nonsense"),
        (Liar("PATCH", "/tus", 204, b"", {**TUS, "Upload-Offset": "1"}), "sync.nonsense"),
        (Liar("PATCH", "/tus", 503, b""), "sync.server_busy"),
        (Liar("GET", "/receipts", 200, HTML), "sync.nonsense"),
        (Liar("GET", "/receipts", 200, b'{"receipt": "a.b.c"}'), "sync.receipt_untrusted"),
    ],
)
def test_nonsense_stops_the_run_and_keeps_the_record(
    world: World, kit: Kit, outbox: SmallOutbox, liar: Liar, code: str
) -> None:
    record_id = kit.queue(outbox, size=300_000)
    world.put_in_front(liar)

    report = kit.run(outbox, world.url)

    assert liar.lies > 0
    assert report.stopped_by is not None
    assert report.stopped_by.code == code
    assert outbox.state(record_id) is DeliveryState.QUEUED
    world.put_in_front(lambda app: app)
    assert kit.run(outbox, world.url).acknowledged == (record_id,)


def receipt_with(kit: Kit, outbox: SmallOutbox, record_id: str, signer: JwsSigner, wrong: dict[str, object]) -> bytes:
    row = outbox.row(record_id)
    payload = {
        "record_id": record_id,
        "sha256": row["sha256"],
        "size_bytes": row["size"],
        "received_at": kit.clock.now().isoformat(),
        "gateway": kit.answer.configuration.gateway,
        "receipt_id": str(uuid.uuid4()),
        "manifest_sha256": hashlib.sha256(row["manifest"].encode()).hexdigest(),
    }
    return json.dumps({"receipt": signer.sign({**payload, **wrong}, RECEIPT_TYP)}).encode()


def test_a_receipt_by_another_key_proves_nothing(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=40_000)
    forger = JwsSigner(certificates.new_private_key(), kit.answer.configuration.gateway)
    world.put_in_front(Liar("GET", "/receipts", 200, lambda: receipt_with(kit, outbox, record_id, forger, {})))

    report = kit.run(outbox, world.url)

    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.receipt_untrusted"
    assert outbox.state(record_id) is DeliveryState.QUEUED


@pytest.mark.parametrize(
    "wrong",
    [
        {"sha256": "0" * 64},
        {"manifest_sha256": "0" * 64},
        {"size_bytes": 1},
        {"gateway": "another"},
        {"record_id": "00000000-0000-4000-8000-000000000000"},
    ],
)
def test_a_true_receipt_for_something_else_proves_nothing(
    world: World, kit: Kit, outbox: SmallOutbox, wrong: dict[str, object]
) -> None:
    record_id = kit.queue(outbox, size=40_000)
    signer = JwsSigner(
        certificates.private_from_pem((world.folder / "receipt.key.pem").read_text()), kit.answer.configuration.gateway
    )
    world.put_in_front(Liar("GET", "/receipts", 200, lambda: receipt_with(kit, outbox, record_id, signer, wrong)))

    report = kit.run(outbox, world.url)

    assert report.acknowledged == ()
    assert report.postponed == (record_id,)
    row = outbox.row(record_id)
    assert (row["state"], row["reason"], row["attempts"]) == ("queued", "sync.receipt_differs", 1)
    assert row["next_try_at"] is not None


def test_an_error_for_one_record_does_not_hold_up_the_others(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    bad, good = kit.queue(outbox, size=300_000), kit.queue(outbox, size=40_000)
    world.put_in_front(Liar("PATCH", f"/tus/{bad}", 500, b"oops"))

    report = kit.run(outbox, world.url)

    assert (report.postponed, report.acknowledged) == ((bad,), (good,))
    assert outbox.row(bad)["reason"] == "sync.server_error"


def test_errors_for_every_record_stop_the_run(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    for _ in range(5):
        kit.queue(outbox, size=20_000)
    liar = Liar("POST", "/tus", 500, b"oops")
    world.put_in_front(liar)

    report = kit.run(outbox, world.url)

    assert liar.lies == 3
    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.server_trouble"


@pytest.mark.days
def test_a_lost_201_and_a_lost_204_create_and_count_nothing_twice(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=600_000)
    lost = [Liar(method, "/tus", 502, times=1, passes_first=True) for method in ("POST", "PATCH")]
    reports = []
    for liar in (*lost, lambda app: app):
        world.put_in_front(liar)
        reports.append(kit.run(outbox, world.url))

    assert (lost[0].lies, reports[0].acknowledged) == (1, ())
    assert [name for report in reports for name in report.acknowledged] == [record_id]
    assert (reports[-1].held_here, reports[-1].held_there) == (1, 1)


def test_an_expired_token_is_renewed_in_mid_run(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=600_000)
    liar = Liar("PATCH", "/tus", 401, refusal("auth.token_expired"), times=1)
    world.put_in_front(liar)

    report = kit.run(outbox, world.url)

    assert liar.lies == 1
    assert report.acknowledged == (record_id,)


def test_a_deaf_server_is_given_up(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        report = kit.run(outbox, f"https://127.0.0.1:{deaf.getsockname()[1]}", stall_s=0.3)
    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.unreachable"
    assert outbox.state(record_id) is DeliveryState.QUEUED


def test_a_server_that_falls_silent_is_given_up_after_the_stall_time(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    record_id = kit.queue(outbox)
    world.put_in_front(Liar("PATCH", "/tus", 204, delay_s=1.0))

    report = kit.run(outbox, world.url, stall_s=0.3)

    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.stalled"
    assert outbox.state(record_id) is DeliveryState.QUEUED


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LyingLine, Kit, World]]:
    made = World(tmp_path_factory.mktemp("behind") / "gateway")
    made.start()
    line = LyingLine(made)
    yield line, made.enrol_kit("kit-01"), made
    line.close()
    made.stop()


FAULTS, FURTHER = faults(), further_faults()


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 88


@pytest.mark.days
def test_an_open_border_is_caught(
    line: tuple[LyingLine, Kit, World], outbox: SmallOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: what a step raises leaves the run."""
    bug = PlantedBug("what a step raises leaves the run", r"^RunStoppedError\('?sync\.nonsense")

    def through(_tally: Tally, act: Callable[[], None], *_: object, **__: object) -> bool:
        act()
        return False

    monkeypatch.setattr(engine, "stops", through)
    _, kit, world = line
    kit.queue(outbox, size=20_000)
    report = kit.run(outbox, world.url)
    demand_quiet([] if len(report.acknowledged) == 1 else [repr(report)], bug)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a run without its border leaves its connection open
        told = []
        try:
            test_no_answer_makes_a_run_raise_or_lose_anything(line, outbox, "negative offset")
        except RunStoppedError as error:  # held longer it would hold the connection too
            told = [repr(error)]
        gc.collect()
    demand_caught(told, bug)


@pytest.mark.parametrize(
    "name", [*some_of(FAULTS, 15), *(pytest.param(name, marks=pytest.mark.faults) for name in FURTHER)]
)
def test_no_answer_makes_a_run_raise_or_lose_anything(
    line: tuple[LyingLine, Kit, World], outbox: SmallOutbox, name: str
) -> None:
    liar, kit, world = line
    fault = FAULTS[name] if name in FAULTS else FURTHER[name]
    record_id = kit.queue(outbox, size=300_000)

    with liar.lying(*fault):
        report = kit.run(outbox, liar.url, retention=timedelta(0))

    assert liar.lies > 0
    assert (outbox.folder / record_id).exists()
    note, row = outbox.last_run(), outbox.row(record_id)
    assert note is not None
    if report.stopped_by is not None:
        assert (note.problem, note.failures) == (report.stopped_by.code, 1)
        assert note.next_try_at is not None
        assert note.next_try_at == report.next_try_at
    elif fault[:2] != ("GET", "/statuses"):
        # The record bears it alone.
        assert record_id in report.postponed + report.quarantined
        assert row["reason"]
        assert row["next_try_at"] or row["state"] == DeliveryState.QUARANTINED
    assert row["state"] != DeliveryState.ACKNOWLEDGED or record_id in report.acknowledged

    kit.clock.advance(hours=1)
    if outbox.state(record_id) is DeliveryState.QUARANTINED:
        outbox.send_again(record_id, "u1")
    kit.run(outbox, world.url)
    assert outbox.state(record_id) is DeliveryState.ACKNOWLEDGED
    assert outbox.row(record_id)["receipt"]
