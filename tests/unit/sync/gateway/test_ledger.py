from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, open_plainly, receive

from fieldkit.domain.delivery import MANIFEST_TYP, CentralCode
from fieldkit.ports.vault import SignatureVerifier
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import CompactJws, JwsSigner
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.blobs import Blobs
from sync.gateway.database import GatewayContext, Refusal, open_database
from sync.gateway.ledger import DecidedElsewhere, KeptQuestion, Ledger, NikRule, Submission, penunggalan_named
from sync.gateway.opener import Opener
from sync.gateway.tables import kit_certificates, metadata, moves, records, statuses
from sync.gateway.uploads import Uploads
from sync.protocol.messages import PAGE_SIZE, Announcement, Digest, Holding, ReconcileQuestion
from tests.unit.sync.gateway.conftest import enrolled


@pytest.fixture
def ledger(gateway_context: GatewayContext) -> Ledger:
    return Ledger(gateway_context)


def announce(ledger: Ledger, kit: str, *jws: str) -> list[str]:
    return [word.code for word in ledger.announce(kit, Announcement(manifests=jws)).manifests]


def holding(ledger: Ledger, kit: str, record_id: str, sha256: str) -> tuple[Holding, int]:
    (word,) = ledger.reconcile(
        kit, ReconcileQuestion(records=(Digest(record_id=UUID(record_id), sha256=sha256),))
    ).records
    return word.holding, word.offset


def test_what_is_held_follows_the_upload(ledger: Ledger, gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    uploads = Uploads(gateway_context)
    seen = [holding(ledger, kit.name, record_id, sha256)]
    announce(ledger, kit.name, manifest)
    seen.append(holding(ledger, kit.name, record_id, sha256))
    uploads.create(kit.name, record_id, 1000)
    uploads.append(kit.name, record_id, 0, sealed[:400])
    seen.append(holding(ledger, kit.name, record_id, sha256))
    uploads.append(kit.name, record_id, 400, sealed[400:])
    uploads.receipt(kit.name, record_id)
    seen.append(holding(ledger, kit.name, record_id, sha256))
    seen.append(holding(ledger, kit.name, record_id, "0" * 64))
    assert seen == [
        (Holding.UNKNOWN, 0),
        (Holding.ANNOUNCED, 0),
        (Holding.PARTIAL, 400),
        (Holding.RECEIVED, 0),
        (Holding.CONFLICT, 0),
    ]
    counts = ledger.counts(kit.name)
    assert (counts.announced, counts.received, counts.lost) == (1, 1, 0)


def test_manifests_are_judged_one_by_one(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled(folder, gateway_context, clock, "kit-02")
    record_id, good, sealed, _ = kit.record(size=1000)
    _, foreign, _, _ = other.record()
    _, changed, _, _ = kit.record(sealed=sealed + b"!", record_id=record_id)
    kit.sequence = 0
    _, fork, _, _ = kit.record()
    big = kit.signer.sign(
        {
            "record_id": "00000000-0000-4000-8000-000000000001",
            "kit": kit.name,
            "size_bytes": gateway_context.limits.max_record_bytes + 1,
            "sha256": "0" * 64,
            "sealed_at": clock.now().isoformat(),
            "sequence": 9,
        },
        MANIFEST_TYP,
    )
    codes = announce(ledger, kit.name, good, foreign, changed, fork, big, "a.b.c", good)
    assert codes == [
        "",
        "manifest.invalid",
        "record.conflict",
        "",
        "record.too_large",
        "manifest.invalid",
        "",
    ]
    assert holding(ledger, other.name, record_id, "0" * 64) == (Holding.UNKNOWN, 0)


@pytest.mark.parametrize(
    "oddity",
    [
        {"chain": "c\ud800"},
        {"chain": "c\0"},
        {"chain": "c" * 65},
        {"sequence": 2**63},
        {"sealed_at": "0001-01-01T00:00:00+14:00"},
        {"kit": "kit-02"},
        {"record_id": "no id"},
    ],
)
def test_a_signed_oddity_is_refused_alone(
    ledger: Ledger, kit: Kit, oddity: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "fieldkit.vault.device_trust._json", lambda part: json.dumps(part).encode()
    )  # half characters pass
    record_id, good, _, _ = kit.record(size=100)
    signed = CompactJws.parse(good)
    odd = kit.signer.sign({**signed.payload, "record_id": str(uuid4()), **oddity}, MANIFEST_TYP)
    assert announce(ledger, kit.name, odd, good) == ["manifest.invalid", ""]
    assert holding(ledger, kit.name, record_id, signed.payload["sha256"])[0] is Holding.ANNOUNCED


def test_a_fork_is_taken_and_named_each_time_it_is_announced(ledger: Ledger, kit: Kit) -> None:
    _, first, _, _ = kit.record(size=100)
    kit.sequence = 0
    _, second, _, _ = kit.record(size=100)
    answers = [ledger.announce(kit.name, Announcement(manifests=(jws,))).manifests[0] for jws in (first, second) * 2]
    assert [(word.code, word.note) for word in answers] == [("", ""), ("", "manifest.fork")] * 2


def test_nobody_blocks_an_id_by_being_first(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    squatter = enrolled(folder, gateway_context, clock, "kit-02")
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    _, squat, _, _ = squatter.record(size=900, record_id=record_id)
    assert announce(ledger, squatter.name, squat) == [""]
    assert announce(ledger, kit.name, manifest) == [""]
    assert holding(ledger, kit.name, record_id, sha256) == (Holding.ANNOUNCED, 0)
    receive(gateway_context, kit, record_id, sealed)
    assert holding(ledger, kit.name, record_id, sha256) == (Holding.RECEIVED, 0)
    assert (ledger.counts(squatter.name).announced, ledger.counts(squatter.name).received) == (1, 0)


def test_an_id_that_was_found_valid_is_nobody_elses(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    late = enrolled(folder, gateway_context, clock, "kit-02")
    record_id, manifest, sealed, _ = kit.record(size=1000)
    announce(ledger, kit.name, manifest)
    receive(gateway_context, kit, record_id, sealed)
    assert Opener(gateway_context, open_plainly, NikRule()).run_pending() == 1
    _, squat, _, _ = late.record(size=900, record_id=record_id)
    assert announce(ledger, late.name, squat) == ["record.conflict"]
    assert announce(ledger, kit.name, manifest) == [""]


@pytest.mark.allow_logs
@pytest.mark.parametrize("harm", ["missing", "shorter"])
def test_an_object_that_is_gone_is_lost_until_it_is_sent_again(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path, harm: str
) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    announce(ledger, kit.name, manifest)
    first = receive(gateway_context, kit, record_id, sealed)
    harmed = provision.sealed_path(folder, sha256)
    if harm == "missing":
        harmed.unlink()
    else:
        harmed.write_bytes(sealed[:-1])
    assert holding(ledger, kit.name, record_id, sha256) == (Holding.LOST, 0)
    counts = ledger.counts(kit.name)
    assert (counts.announced, counts.received, counts.lost) == (1, 0, 1)
    assert announce(ledger, kit.name, manifest) == [""]
    second = receive(gateway_context, kit, record_id, sealed)
    assert second != first
    assert harmed.read_bytes() == sealed
    assert holding(ledger, kit.name, record_id, sha256) == (Holding.RECEIVED, 0)
    assert (ledger.counts(kit.name).received, ledger.counts(kit.name).lost) == (1, 0)


def test_a_disk_that_is_not_mounted_loses_nothing(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path
) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    announce(ledger, kit.name, manifest)
    receive(gateway_context, kit, record_id, sealed)
    (folder / "objects" / "sealed").rename(folder / "away")
    assert holding(ledger, kit.name, record_id, sha256) == (Holding.RECEIVED, 0)


def test_what_another_laptop_sealed_is_announced_by_whoever_carries_it(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    _, manifest, _, _ = kit.record(size=1000)
    Admission(gateway_context).revoke_kit(kit.name)
    assert ledger.announce_carried(manifest)[1].code == ""
    assert (ledger.counts(kit.name).announced, ledger.counts("kit-02").announced) == (1, 0)
    stranger = JwsSigner(certificates.new_private_key(), kit.name)
    forged = stranger.sign(CompactJws.parse(manifest).payload, MANIFEST_TYP)
    for bad in (forged, "a.b.c", "", manifest[:-2]):
        assert ledger.announce_carried(bad)[1].code == "manifest.invalid"


def test_the_feed_is_read_page_by_page_and_only_by_its_kit(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit
) -> None:
    record_id, manifest, sealed, _ = kit.record(size=100)
    announce(ledger, kit.name, manifest)
    uploads = Uploads(gateway_context)
    uploads.create(kit.name, record_id, 100)
    uploads.append(kit.name, record_id, 0, sealed)
    uploads.receipt(kit.name, record_id)
    row = {
        "record_id": record_id,
        "kit": kit.name,
        "code": "X",
        "source": "s",
        "observed_at": kit.clock.now(),
        "reason": "",
        "verdict": "",
    }
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(records)) == 1
        connection.execute(sa.insert(statuses), [{**row, "cursor": n} for n in range(1, PAGE_SIZE + 4)])
    first = ledger.statuses(kit.name, "")
    second = ledger.statuses(kit.name, first.cursor)
    assert (len(first.items), first.has_more) == (PAGE_SIZE, True)
    assert (len(second.items), second.has_more, second.cursor) == (3, False, str(PAGE_SIZE + 3))
    assert ledger.statuses(kit.name, second.cursor).cursor == second.cursor
    assert ledger.statuses("kit-02", "").items == ()


@pytest.mark.parametrize("cursor", ["-1", "x", "1; DROP", "9" * 30])
def test_a_cursor_that_we_did_not_give_is_refused(ledger: Ledger, kit: Kit, cursor: str) -> None:
    with pytest.raises(Refusal):
        ledger.statuses(kit.name, cursor)


@pytest.mark.parametrize(("cursor", "is_one"), [("9" * 18, True), ("1" * 19, False), ("\u0661", False), ("", True)])
def test_a_cursor_is_a_number_that_both_databases_can_keep(ledger: Ledger, kit: Kit, cursor: str, is_one: bool) -> None:
    with nullcontext() if is_one else pytest.raises(Refusal, match=r"400 statuses\.cursor"):
        assert ledger.statuses(kit.name, cursor).cursor == cursor


def test_a_page_that_is_just_full_is_the_last(ledger: Ledger, gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, sealed, _ = kit.record(size=100)
    announce(ledger, kit.name, manifest)
    receive(gateway_context, kit, record_id, sealed)
    row = {"record_id": record_id, "kit": kit.name, "code": "X", "source": "s", "reason": "", "verdict": ""}
    with gateway_context.engine.begin() as connection:
        rows = [{**row, "observed_at": kit.clock.now(), "cursor": n} for n in range(1, PAGE_SIZE + 2)]
        connection.execute(sa.insert(statuses), rows)
    pages = [ledger.statuses(kit.name, str(cursor)) for cursor in (0, 1, 2, PAGE_SIZE + 1)]
    assert [(len(page.items), page.has_more) for page in pages] == [
        (PAGE_SIZE, True),
        (PAGE_SIZE, False),
        (PAGE_SIZE - 1, False),
        (0, False),
    ]


def test_longest_names_fit_and_bad_ones_alone_are_refused(ledger: Ledger, kit: Kit) -> None:
    payload = CompactJws.parse(kit.record(size=100)[1]).payload
    longest = {"chain": "c" * 64, "sequence": 2**63 - 1}
    for changed, code in ((longest, ""), ({"chain": ""}, ""), ({"chain": "c" * 65}, "manifest.invalid")):
        jws = kit.signer.sign({**payload, "record_id": str(uuid4()), **changed}, MANIFEST_TYP)
        assert announce(ledger, kit.name, jws) == [code]


def test_a_holding_is_of_that_kit_and_record_and_of_what_its_owner_sends(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled(folder, gateway_context, clock, "kit-02")
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    _, same_id, content, digest = other.record(size=900, record_id=record_id)
    further_id, further, _, further_sha256 = kit.record(size=800)
    announce(ledger, kit.name, manifest, further)
    announce(ledger, other.name, same_id)
    uploads = Uploads(gateway_context)
    uploads.create(other.name, record_id, 900, kit.name, content[:10])
    uploads.create(kit.name, record_id, 1000, other.name, sealed[:20])

    def all_three() -> list[tuple[Holding, int]]:
        asked = ((kit.name, record_id, sha256), (other.name, record_id, digest), (kit.name, further_id, further_sha256))
        return [holding(ledger, *each) for each in asked]

    assert all_three() == [(Holding.ANNOUNCED, 0)] * 3
    uploads.create(kit.name, record_id, 1000, "", sealed[:30])
    assert all_three() == [(Holding.PARTIAL, 30), (Holding.ANNOUNCED, 0), (Holding.ANNOUNCED, 0)]
    uploads.append(kit.name, record_id, 30, sealed[30:])
    assert all_three() == [(Holding.RECEIVED, 0), (Holding.ANNOUNCED, 0), (Holding.ANNOUNCED, 0)]
    counts = [ledger.counts(name) for name in (kit.name, other.name, "kit-03")]
    assert [(each.announced, each.received, each.lost) for each in counts] == [(2, 1, 0), (1, 0, 0), (0, 0, 0)]


@pytest.mark.parametrize("reason", ["erased", "far away"])
def test_an_object_that_need_not_be_here_or_is_far_is_not_looked_for(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path, reason: str
) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    announce(ledger, kit.name, manifest)
    receive(gateway_context, kit, record_id, sealed)
    provision.sealed_path(folder, sha256).unlink()
    if reason == "erased":
        with gateway_context.engine.begin() as connection:
            connection.execute(sa.update(records).values(erased_at=kit.clock.now()))
    else:
        afar = Blobs.at_url("memory:///")
        afar.put("sealed/other", b"kept")
        ledger = Ledger(replace(gateway_context, blobs=afar))
    assert holding(ledger, kit.name, record_id, sha256) == (Holding.RECEIVED, 0)
    assert ledger.counts(kit.name).lost == 0


def test_a_receipt_is_asked_for_by_whoever_carries(
    ledger: Ledger, gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other = enrolled(folder, gateway_context, clock, "kit-02")
    record_id, manifest, sealed, _ = kit.record(size=1000)
    further_id, further, content, _ = other.record(size=900)
    owners = [ledger.owner_of(record_id, "kit-03")]
    announce(ledger, kit.name, manifest)
    announce(ledger, other.name, further)
    receive(gateway_context, other, further_id, content)
    owners.append(ledger.owner_of(record_id, "kit-03"))
    receive(gateway_context, kit, record_id, sealed)
    owners += [ledger.owner_of(record_id, who) for who in (kit.name, other.name, "kit-03")]
    _, same_id, content, _ = other.record(size=900, record_id=record_id)
    announce(ledger, other.name, same_id)
    owners += [ledger.owner_of(record_id, who) for who in (other.name, "kit-03")]
    receive(gateway_context, other, record_id, content)
    owners.append(ledger.owner_of(record_id, "kit-03"))
    assert owners == ["kit-03", "kit-03", "kit-01", "kit-01", "kit-01", "kit-02", "kit-01", "kit-03"]


def test_certificates_are_read_once_however_many_manifests_come(gateway_context: GatewayContext, kit: Kit) -> None:
    read = list[bytes]()

    def verifier(certificate: bytes) -> SignatureVerifier:
        read.append(certificate)
        return gateway_context.verifier_for(certificate)

    ledger = Ledger(replace(gateway_context, verifier_for=verifier))
    assert announce(ledger, kit.name, *(kit.record(size=100)[1] for _ in range(3))) == [""] * 3
    assert len(read) == 1


def test_a_certificate_that_cannot_be_read_holds_up_no_other(gateway_context: GatewayContext, kit: Kit) -> None:
    with gateway_context.engine.begin() as connection:
        row = connection.execute(sa.select(kit_certificates)).one()._asdict()
        connection.execute(
            sa.insert(kit_certificates).values(**{**row, "serial": "0", "certificate": b"no certificate"})
        )
    assert announce(Ledger(gateway_context), kit.name, kit.record(size=100)[1]) == [""]


AT = datetime(2026, 11, 25, 8, 30, tzinfo=UTC)
QUESTION = sa.select(moves.c.place, moves.c.at).where(moves.c.place == sa.bindparam("place"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = open_database(f"sqlite:///{tmp_path / 'rows.sqlite3'}")
    yield made
    made.dispose()


@pytest.fixture
def question(engine: sa.Engine) -> Iterator[KeptQuestion]:
    made = KeptQuestion(engine, QUESTION)
    yield made
    made.close()


def write(engine: sa.Engine, place: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(moves).values(place=place, at=AT))


def test_it_answers_as_the_engine_does(engine: sa.Engine, question: KeptQuestion) -> None:
    assert question.ask(place="here") is None
    write(engine, "here")
    assert question.ask(place="here") == ["here", AT]
    assert question.ask(place="there") is None
    with engine.connect() as connection:
        assert question.ask(place="here") == list(connection.execute(QUESTION, {"place": "here"}).one())


def test_it_waits_for_nobody_who_writes_and_sees_what_was_written(engine: sa.Engine, question: KeptQuestion) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(moves).values(place="here", at=AT))
        assert question.ask(place="here") is None
        assert question._connection is not None
        assert question._connection.execute("PRAGMA busy_timeout").fetchone() == (0,)
    assert question.ask(place="here") == ["here", AT]


def test_what_goes_wrong_is_no_answer_and_the_next_one_is_asked_anew(engine: sa.Engine, question: KeptQuestion) -> None:
    write(engine, "here")
    assert question.ask(place="here")
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE moves RENAME TO gone"))
    assert question.ask(place="here") is None
    assert question._connection is None
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gone RENAME TO moves"))
    assert question.ask(place="here") == ["here", AT]
    engine.dispose()
    question.close()
    assert question.ask(place="here") == ["here", AT]


@pytest.mark.parametrize(
    ("url", "is_so"),
    [
        ("sqlite:////rows.sqlite3", True),
        ("sqlite:///:memory:", False),
        ("sqlite://", False),
        ("postgresql+psycopg://nobody@nowhere/none", False),
    ],
)
def test_only_a_file_is_near(url: str, is_so: bool) -> None:
    assert KeptQuestion.fits(sa.create_engine(url)) is is_so


NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def connection() -> sa.Connection:
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def remember(connection: sa.Connection, record_id: str, code: str, mac: str = "m", amends: str | None = None) -> None:
    connection.execute(
        sa.insert(records).values(
            kit="k",
            record_id=record_id,
            key="k",
            received_at=NOW,
            verified_at=NOW,
            receipt="r",
            verdict="valid",
            nik_mac=mac,
            amends=amends,
        )
    )
    if code:
        number = connection.scalar(sa.select(sa.func.count()).select_from(statuses)) or 0
        connection.execute(
            sa.insert(statuses).values(
                cursor=number + 1,
                record_id=record_id,
                kit="k",
                code=code,
                source="uji coba",
                observed_at=NOW,
                reason="",
                verdict="valid",
            )
        )


def decide(connection: sa.Connection, amends: str = "", mac: str = "m") -> CentralCode:
    remember(connection, "new", "", mac, amends or None)
    decision = NikRule().decide(connection, Submission("k", "new", mac, amends))
    assert decision is not None
    assert decision.source == "uji coba"
    return decision.code


def test_a_first_record_is_print_ready(connection: sa.Connection) -> None:
    remember(connection, "other", "PRINT_READY_RECORD", mac="another person")
    assert decide(connection) is CentralCode.PRINT_READY_RECORD


@pytest.mark.parametrize("code", ["PRINT_READY_RECORD", "RECEIVED_AT_CENTRAL", "CARD_ISSUED", ""])
def test_a_living_earlier_record_makes_a_duplicate(connection: sa.Connection, code: str) -> None:
    remember(connection, "old", code)
    assert decide(connection) is CentralCode.DUPLICATE_RECORD


@pytest.mark.parametrize("code", ["ENROLL_FAILURE_AT_CENTRAL", "UNREGISTERED"])
def test_a_failed_or_deleted_one_does_not(connection: sa.Connection, code: str) -> None:
    remember(connection, "old", "RECEIVED_AT_CENTRAL")
    connection.execute(sa.update(statuses).values(code=code))
    assert decide(connection) is CentralCode.PRINT_READY_RECORD


def test_an_amendment_replaces_what_it_amends_now_and_later(connection: sa.Connection) -> None:
    remember(connection, "old", "PRINT_READY_RECORD")
    assert decide(connection, amends="old") is CentralCode.PRINT_READY_RECORD
    connection.execute(sa.delete(records).where(records.c.record_id == "new"))
    remember(connection, "amendment", "ENROLL_FAILURE_AT_CENTRAL", amends="old")
    assert decide(connection) is CentralCode.PRINT_READY_RECORD


def test_nobody_is_judged_by_a_nik_that_is_not_there(connection: sa.Connection) -> None:
    remember(connection, "old", "RECEIVED_AT_CENTRAL", mac="")
    assert NikRule().decide(connection, Submission("k", "new", "", "")) is None


def test_the_trial_is_named_and_marked_and_else_nobody_decides_here(connection: sa.Connection) -> None:
    trial, elsewhere = penunggalan_named("trial", "Dinas"), penunggalan_named("none", "D" * 80)
    assert isinstance(trial, NikRule)
    assert {trial.found_valid.source, trial.found_invalid.source} == {"uji coba"}
    assert isinstance(elsewhere, DecidedElsewhere)
    assert elsewhere.decide(connection, Submission("k", "new", "m", "")) is None
    assert {elsewhere.found_valid.source, elsewhere.found_invalid.source} == {"D" * 64}


def test_earlier_records_of_a_person_are_found_without_reading_all(connection: sa.Connection) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    NikRule().decide(connection, Submission("k", "new", "m", ""))
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1]).all()
    assert plan
    assert not [row for row in plan if "SCAN" in str(row)]


def test_the_same_id_of_another_kit_is_another_record(connection: sa.Connection) -> None:
    remember(connection, "new", "PRINT_READY_RECORD")
    connection.execute(sa.update(records).values(kit="other"))
    connection.execute(sa.update(statuses).values(kit="other"))
    assert decide(connection) is CentralCode.DUPLICATE_RECORD


def test_one_living_record_among_failed_ones_is_enough(connection: sa.Connection) -> None:
    for record_id, code in (("a", "ENROLL_FAILURE_AT_CENTRAL"), ("b", "CARD_ISSUED"), ("c", "UNREGISTERED")):
        remember(connection, record_id, code)
    assert decide(connection) is CentralCode.DUPLICATE_RECORD
