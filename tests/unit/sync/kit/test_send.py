"""One record that meets nonsense does not hold up those behind it; no receipt counts but ours."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import cast

import pytest
from support.clock import NOW, HandClock
from support.gateway import Kit, Patience, Progress, World
from support.liar import Liar
from support.outbox import SmallOutbox
from support.scripted_link import OURS, SEALED, SHA256, ScriptedLink, receipt, took_all

from fieldkit.domain.delivery import DeliveryState
from fieldkit.ports.delivery import Budget
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsVerifier
from sync.kit.parts import Bounds, EnoughError, RunParts, Tally
from sync.kit.transport import DataCenterLink
from sync.kit.upload import Sending
from sync.protocol import tus
from sync.protocol.messages import HelloAnswer, Holding
from sync.protocol.outcomes import RecordRefusedError, RecordRetryError, RunStoppedError

TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "1"}


def test_nonsense_about_one_record_lets_the_others_go(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    odd, good = kit.queue(outbox, size=300_000), kit.queue(outbox, size=20_000)
    world.stop()
    world.start(Liar("PATCH", f"/tus/{odd}", 204, b"", TUS))
    report = kit.run(outbox, world.url)
    assert report.acknowledged == (good,)
    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.nonsense"
    assert (outbox.state(odd), outbox.row(odd)["attempts"]) == (DeliveryState.QUEUED, 0)
    assert report.counts_agree


def test_nonsense_about_many_is_the_servers(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    for _ in range(5):
        kit.queue(outbox, size=20_000)
    world.stop()
    liar = Liar("POST", "/tus", 201, b"", {**TUS, "Upload-Offset": "20001"})
    world.start(liar)
    assert kit.run(outbox, world.url).stopped_by is not None
    assert liar.lies == 3


ANOTHER = certificates.new_private_key()
SERVER = HelloAnswer(
    protocol=1, oldest_protocol=1, gateway="ours", server_time=NOW, free_bytes=1, max_record_bytes=99, max_chunk_bytes=9
)
BUSY, LOCKED = RecordRetryError("sync.server_error"), RecordRetryError("sync.upload_locked")


class Run:
    """Sending over a scripted link, without a data center."""

    def __init__(
        self, folder: Path, records: int, patience: int | None = None, *, is_slow: bool = False, **answers: list[object]
    ) -> None:
        self.outbox, self.progress, self.tally = SmallOutbox(folder), Progress(), Tally(NOW)
        self.ids = [str(uuid.uuid4()) for _ in range(records)]
        for record_id in self.ids:
            self.outbox.add(record_id, "manifest", SEALED, SHA256)
        said = {"open_upload": [0], "send_piece": [took_all], "receipt": [receipt]} | answers
        self.link = ScriptedLink(is_slow=is_slow, **said)
        bounds = Bounds(Budget(), Patience(patience), self.tally)
        self.parts = RunParts(
            *(self.outbox, cast("DataCenterLink", self.link), JwsVerifier.of_key(certificates.public_der(OURS))),
            *(HandClock(), Random(1), self.tally, bounds),
        )

    def send(self, server: HelloAnswer = SERVER) -> RunStoppedError | None:
        return Sending(self.parts, server, self.progress).send(self.parts.due())

    @property
    def states(self) -> list[DeliveryState]:
        return [self.outbox.state(record_id) for record_id in self.ids]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (receipt, DeliveryState.ACKNOWLEDGED),
        (lambda _: receipt(str(uuid.uuid4())), DeliveryState.QUEUED),
        (lambda record_id: receipt(record_id, gateway="another"), DeliveryState.QUEUED),
        (lambda record_id: receipt(record_id, manifest_sha256="0" * 64), DeliveryState.QUEUED),
        (lambda record_id: receipt(record_id, sha256="0" * 64), DeliveryState.QUEUED),
    ],
    ids=["ours", "record", "gateway", "manifest", "content"],
)
def test_only_a_receipt_for_this_record_counts(
    tmp_path: Path, said: Callable[[str], str], state: DeliveryState
) -> None:
    run = Run(tmp_path, 1, receipt=[said])
    run.send()
    assert run.states == [state]
    assert run.outbox.row(run.ids[0])["reason"] == (
        "" if state is DeliveryState.ACKNOWLEDGED else "sync.receipt_differs"
    )


def test_who_signs_a_receipt_with_another_key_ends_the_run(tmp_path: Path) -> None:
    run = Run(tmp_path, 2, receipt=[lambda record_id: receipt(record_id, ANOTHER)])
    with pytest.raises(RunStoppedError, match="receipt_untrusted"):
        run.send()
    assert run.states == [DeliveryState.QUEUED] * 2
    assert run.outbox.row(run.ids[0])["reason"] == "sync.receipt_untrusted"
    assert [asked[0] for asked in run.link.asked] == ["open_upload", "send_piece", "receipt"]


def test_refused_and_failing_records_wait_apart(tmp_path: Path) -> None:
    run = Run(tmp_path, 3, open_upload=[RecordRefusedError("sync.digest_conflict"), LOCKED, 0])
    assert run.send() is None
    assert run.states == [DeliveryState.QUARANTINED, DeliveryState.QUEUED, DeliveryState.ACKNOWLEDGED]
    assert (run.tally.quarantined, run.tally.postponed, run.tally.acknowledged) == tuple([each] for each in run.ids)


@pytest.mark.parametrize(
    ("answers", "is_over"),
    [
        ([BUSY, BUSY, BUSY, 0], True),
        ([BUSY, BUSY, 0, BUSY, BUSY], False),
        ([BUSY, BUSY, LOCKED, BUSY, BUSY], False),
        ([LOCKED] * 5, False),
    ],
)
def test_a_server_that_fails_thrice_in_a_row_is_left_alone(
    tmp_path: Path, answers: list[object], is_over: bool
) -> None:
    run = Run(tmp_path, len(answers), open_upload=answers)
    if is_over:
        with pytest.raises(RunStoppedError, match="server_trouble"):
            run.send()
    else:
        assert run.send() is None
    assert sum(asked[0] == "open_upload" for asked in run.link.asked) == (3 if is_over else len(answers))


def test_whose_patience_ends_finds_the_record_in_front_again(tmp_path: Path) -> None:
    for patience, asked in ((0, []), (1, ["open_upload"])):
        run = Run(tmp_path / str(patience), 2, patience)
        with pytest.raises(EnoughError):
            run.send()
        assert run.states == [DeliveryState.QUEUED] * 2
        assert [each[0] for each in run.link.asked] == asked
        assert run.tally.is_cancelled


def test_a_line_that_is_gone_ends_the_run_at_once(tmp_path: Path) -> None:
    run = Run(tmp_path, 2, open_upload=[RunStoppedError("sync.stalled")])
    with pytest.raises(RunStoppedError, match="stalled"):
        run.send()
    assert run.outbox.row(run.ids[0])["reason"] == "sync.stalled"
    assert len(run.link.asked) == 1


def test_a_record_is_on_its_way_while_it_is_sent_and_shown(tmp_path: Path) -> None:
    states: list[DeliveryState] = []
    run = Run(tmp_path, 1, open_upload=[lambda *_: states.append(run.states[0]) or 0])
    run.tally.lost += run.ids
    run.send()
    assert states == [DeliveryState.SENDING]
    assert [(shown.sent_bytes, shown.records_done, shown.records_total) for shown in run.progress.shown] == [(0, 0, 1)]
    assert (run.tally.acknowledged, run.tally.resent) == (run.ids, run.ids)
    assert run.parts.holdings == {run.ids[0]: Holding.RECEIVED}


def test_what_arrived_already_needs_its_receipt_only_and_what_is_gone_is_sent_anew(tmp_path: Path) -> None:
    run = Run(tmp_path, 2)
    for record_id in run.ids:
        run.outbox.mark_sending(record_id)
        run.outbox.mark_received(record_id)
    run.parts.holdings[run.ids[0]] = Holding.RECEIVED
    run.send()
    assert run.states == [DeliveryState.ACKNOWLEDGED] * 2
    assert [asked[:2] for asked in run.link.asked] == [
        ("receipt", run.ids[0]),
        *((name, run.ids[1]) for name in ("open_upload", "send_piece", "receipt")),
    ]
    assert run.tally.resent == []


WHOLE = SERVER.model_copy(update={"tus_extensions": tus.EXTENSIONS})
ALL = [len(SEALED)]


def ways(run: Run) -> list[tuple[str, int]]:
    return [(asked[0], run.ids.index(str(asked[1]))) for asked in run.link.asked if asked[0] != "receipt"]


def test_records_go_out_before_the_answers_about_those_before_them_once_one_has_come(tmp_path: Path) -> None:
    run = Run(tmp_path, 4, is_slow=True, open_upload=ALL)
    assert run.send(WHOLE) is None
    asked, answered = ([(name, number) for number in range(4)] for name in ("open_upload", "answer"))
    assert ways(run) == [asked[0], answered[0], *asked[1:], *answered[1:]]
    assert run.states == [DeliveryState.ACKNOWLEDGED] * 4
    assert run.tally.acknowledged == run.ids


def test_a_bounded_number_of_them_goes_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.kit.upload._MOST_AHEAD", 2)
    run = Run(tmp_path, 4, is_slow=True, open_upload=ALL)
    run.send(WHOLE)
    assert [name for name, _ in ways(run)] == ["open_upload", "answer"] + ["open_upload"] * 2 + [
        "answer",
        "open_upload",
        "answer",
        "answer",
    ]


def test_a_budget_of_bytes_lets_none_go_out_ahead(tmp_path: Path) -> None:
    run = Run(tmp_path, 3, is_slow=True, open_upload=ALL)
    run.parts = replace(run.parts, bounds=Bounds(Budget(max_bytes=2 * len(SEALED)), Patience(), run.tally))
    with pytest.raises(EnoughError):
        run.send(WHOLE)
    assert ways(run) == [("open_upload", 0), ("answer", 0), ("open_upload", 1), ("answer", 1)]


def test_what_was_under_way_when_the_run_ended_waits_in_front_again(tmp_path: Path) -> None:
    answers = [*ALL, RunStoppedError("sync.stalled"), *ALL]
    run = Run(tmp_path, 4, is_slow=True, open_upload=answers)
    with pytest.raises(RunStoppedError, match="stalled"):
        run.send(WHOLE)
    assert run.states == [DeliveryState.ACKNOWLEDGED, *[DeliveryState.QUEUED] * 3]
    assert [run.outbox.row(each)["reason"] for each in run.ids[1:]] == ["sync.stalled", "", ""]
    assert [run.outbox.row(each)["attempts"] for each in run.ids] == [0] * 4


def test_what_the_server_has_in_part_is_asked_about_before_a_byte_goes(tmp_path: Path) -> None:
    run = Run(tmp_path, 1, open_upload=[2], send_piece=[took_all])
    run.parts.holdings[run.ids[0]] = Holding.PARTIAL
    run.send(WHOLE)
    assert [asked[:4] for asked in run.link.asked[:2]] == [
        ("open_upload", run.ids[0], len(SEALED)),
        ("send_piece", run.ids[0], 2, SEALED[2:]),
    ]
