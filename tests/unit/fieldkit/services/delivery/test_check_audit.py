from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import insert
from sqlcipher3 import dbapi2
from support.audits import anchor_at_center, audit_of, faults, foreign, meddle, tools_of
from support.counted_work import calls_of
from support.room import KIT, PETUGAS, Room

from fieldkit.domain.delivery import FILES_ACCEPTED, MANIFEST_TYP, AnchorSource, AuditFault, DeliveryState
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.events import ChainHead, Event, digest_of
from fieldkit.domain.people import Permission, Staff
from fieldkit.ports.repositories import Attachment
from fieldkit.services.delivery.check_store import CheckAudit
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.storage.mappers import event_values
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.tables import events
from fieldkit.vault.bundles import manifest_proof


def rewrite(connection: dbapi2.Connection) -> None:
    """Rewrite the log from its third row on: every digest and every link is as it should be."""
    rows = connection.execute(
        "SELECT row, event_id, kit, chain, sequence, actor, at, aggregate, version, kind, payload FROM events"
        " ORDER BY sequence"
    ).fetchall()
    previous = ""
    for row, event_id, kit, chain, sequence, actor, at, aggregate, version, kind, payload in rows:
        actor = "somebody else" if sequence >= 3 else actor
        line = {
            "id": event_id,
            "kit": kit,
            "chain": chain,
            "sequence": sequence,
            "actor": actor,
            "at": at.replace(".000000", ""),
            "aggregate": aggregate,
            "version": version,
            "kind": kind,
            "payload": payload,
            "previous": previous,
        }
        digest = digest_of(json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
        change = "UPDATE events SET actor = ?, previous = ?, digest = ? WHERE row = ?"
        connection.execute(change, (actor, previous, digest, row))
        previous = digest


def cut_tail(connection: dbapi2.Connection) -> None:
    last = connection.execute("SELECT max(sequence) FROM events").fetchone()[0]
    connection.execute("DELETE FROM events WHERE sequence > ?", (last - 4,))


def forget_witnesses(room: Room) -> None:
    """Take away what lies beside the store; what the data center holds came back with the next sync."""
    (room.home / "kit.mark").unlink()
    for path in (room.home / "sealed").glob("*.manifest"):
        path.unlink()


def test_an_untouched_log_holds(room: Room) -> None:
    room.seal()
    rows, fault = CheckAudit(room.store).verify()
    assert fault is None
    assert rows > 10
    report = audit_of(room).report()
    assert (report.is_ok, report.rows, report.proven_to) == (True, rows, None)


def test_a_changed_row_is_named(room: Room) -> None:
    room.seal()
    meddle(room, "UPDATE events SET actor = 'somebody else' WHERE sequence = 3")
    _, fault = CheckAudit(room.store).verify()
    assert fault is not None
    assert (fault.code, fault.sequence) == ("audit.changed_row", 3)


def test_a_missing_row_is_named(room: Room) -> None:
    room.seal()
    meddle(room, "DELETE FROM events WHERE sequence = 4")
    _, fault = CheckAudit(room.store).verify()
    assert fault is not None
    assert (fault.code, fault.sequence) == ("audit.gap", 4)


ATTACKS = [(cut_tail, "audit.tail_missing"), ("DELETE FROM events", "audit.tail_missing"), (rewrite, "audit.rewritten")]


@pytest.mark.parametrize(("attack", "code"), ATTACKS)
def test_what_the_chain_alone_does_not_show_the_center_does(
    room: Room, attack: str | Callable[[dbapi2.Connection], object], code: str
) -> None:
    room.seal()
    row = anchor_at_center(room)
    proven = audit_of(room).report().proven_to
    assert proven is not None
    assert (proven.sequence, proven.source) == (row, AnchorSource.CENTER)
    meddle(room, attack)
    forget_witnesses(room)
    assert CheckAudit(room.store).verify()[1] is None  # a check without anchors misses it
    assert ("chain", code) in faults(room)


@pytest.mark.parametrize(("attack", "code"), ATTACKS)
@pytest.mark.parametrize("witness", ["manifest", "mark", "kit"])
def test_each_other_witness_shows_it_too(
    room: Room, attack: str | Callable[[dbapi2.Connection], object], code: str, witness: str
) -> None:
    room.seal()
    if witness == "kit":
        audit_of(room).sign_head()
    meddle(room, attack)
    text = (room.home / "kit.mark").read_text()
    manifests = {path: path.read_text() for path in (room.home / "sealed").glob("*.manifest")}
    forget_witnesses(room)
    if witness == "mark":
        (room.home / "kit.mark").write_text(text)
    for path, content in manifests.items() if witness == "manifest" else ():
        path.write_text(content)
    expected = code if (witness, attack) != ("manifest", cut_tail) else None  # the cut rows came after the seal began
    found = faults(room)
    assert (("chain", expected) in found) == (expected is not None)


@pytest.mark.days
def test_an_older_copy_is_told_as_a_loss_once_the_center_knows_of_it(room: Room) -> None:
    room.seal()
    room.store.close()
    older = (room.home / "kit.db").read_bytes()
    room.store = room._open()
    with room.store.write() as unit:
        for number in range(3):
            unit.events.append("seen", f"x{number}", {}, PETUGAS.user_id, room.clock.now())
    lost = anchor_at_center(room)
    with room.store.read() as unit:
        held = unit.anchors.all()
    room.store.close()
    (room.home / "kit.db").write_bytes(older)
    room.store = room._open()
    room.recover()
    with room.store.write() as unit:  # the data center tells it again
        for anchor in held:
            unit.anchors.keep(anchor)
    assert ("chain", "audit.tail_missing") in faults(room)  # only this laptop accounts for it so far
    anchor_at_center(room)
    report = audit_of(room).report()
    assert (report.faults, report.is_ok) == ((), True)
    (loss,) = report.losses
    assert (loss.first, loss.last, loss.by) == (lost - 2, lost, PETUGAS.user_id)
    chain = loss.chain
    row = f"WHERE chain = '{chain}' AND sequence = 2"
    meddle(room, f"UPDATE events SET kind = kind || '!' {row}")  # a broken chain accounts for nothing
    report = audit_of(room).report()
    assert {"audit.changed_row", "audit.tail_missing"} <= {fault.code for fault in report.faults}
    assert report.losses == ()
    meddle(room, f"UPDATE events SET kind = rtrim(kind, '!') {row}")
    assert audit_of(room).report().losses == (loss,)
    meddle(room, f"DELETE FROM events WHERE chain = '{chain}' AND sequence > {loss.first - 3}")
    report = audit_of(room).report()
    assert ("chain", "audit.tail_missing") in {(fault.kind, fault.code) for fault in report.faults}
    assert report.losses == ()


def test_a_new_chain_tells_what_was_known_of_the_end_of_the_one_before(room: Room) -> None:
    with room.store.write() as unit:
        head = unit.events.head()
        assert head is not None
        marked = {"marked": f"{head.chain}:{head.sequence + 9}:{head.digest}"}
        for kind, told in (("chain_begun", {}), ("seen", marked)):
            unit.events.append(kind, "c9", told, PETUGAS.user_id, room.clock.now())
    assert faults(room) == set()
    with room.store.write() as unit:
        unit.events.append("chain_begun", "c9", marked, PETUGAS.user_id, room.clock.now())
    assert faults(room) == {("chain", "audit.tail_missing")}


def test_without_the_tools_of_a_kit_the_store_alone_is_asked(room: Room) -> None:
    units = UnitsOfWork(room.store, room.clock, room.ids, PETUGAS)
    alone = CheckAudit(room.store)
    for audit in (alone, CheckAudit(room.store, units), CheckAudit(room.store, tools=tools_of(room))):
        audit.sign_head()
    with room.store.read() as unit:
        assert list(unit.anchors.all()) == []
    anchor_at_center(room)
    report = alone.report()
    assert report.is_ok
    assert report.proven_to is not None
    assert report.proven_to.source is AnchorSource.CENTER


def test_a_log_without_a_row_has_no_end_to_sign(room: Room) -> None:
    meddle(room, "DELETE FROM events")
    audit_of(room).sign_head()
    with room.store.read() as unit:
        assert list(unit.anchors.all()) == []


def test_a_manifest_is_a_witness_only_where_it_names_a_head_and_one_that_lies_is_named(room: Room) -> None:
    said = {"kit": KIT, "record_id": "r-1", "activity_id": "act-1", "chain": "c1", "sequence": 1, "previous": ""}
    said |= {"sealed_at": room.clock.now().isoformat(), "size_bytes": 1, "sha256": "00"}
    text = manifest_proof(room.tools.kit_signer.sign(said, MANIFEST_TYP), room.keys.kit.certificate_der)
    (room.home / "sealed" / "r-1.manifest").write_text(text)
    assert faults(room) == set()
    (room.home / "sealed" / "r-2.manifest").write_text("a.b.c")
    assert faults(room) == {("manifest", "audit.manifest_invalid")}


@pytest.mark.days
def test_a_manifest_is_that_of_its_row_and_needs_none(room: Room) -> None:
    everything(room)
    meddle(room, "UPDATE sealed_records SET manifest_jws = 'another.signed.manifest'")
    assert ("manifest", "audit.changed") in faults(room)
    meddle(room, "DELETE FROM sealed_records")
    assert faults(room) == {("receipt", "audit.vanished")}


def test_an_anchor_that_the_kit_never_signed_is_named(room: Room) -> None:
    anchor_at_center(room)
    meddle(room, "UPDATE anchors SET digest = '" + "0" * 64 + "'")
    assert faults(room) == {("anchor", "audit.anchor_invalid")}


@pytest.mark.days
def test_a_record_that_the_center_holds_proves_the_log_up_to_it(room: Room) -> None:
    entry = room.seal()
    assert audit_of(room).report().proven_to is None
    deliver(room, entry.record.record_id)
    proven = audit_of(room).report().proven_to
    assert proven is not None
    assert proven.source is AnchorSource.RECORD
    SqlOutbox(room.store, room.files, room.clock).purge(entry.record.record_id, room.clock.now())
    assert audit_of(room).report().proven_to == proven


def deliver(room: Room, record_id: str) -> None:
    outbox = SqlOutbox(room.store, room.files, room.clock)
    outbox.mark_sending(record_id)
    outbox.mark_received(record_id)
    outbox.acknowledge(record_id, "a.signed.receipt", room.clock.now())
    with room.store.read() as unit:
        assert unit.records.get(record_id).state is DeliveryState.ACKNOWLEDGED


def everything(room: Room) -> None:
    deliver(room, room.seal().record.record_id)
    with room.store.write() as unit:
        unit.settings.put("signing", {"way": "none"})
        unit.attachments.put(
            Attachment("a1", "act-1", "surat.pdf", "application/pdf", b"%PDF 1", SHA_OF_PDF, room.clock.now())
        )


SHA_OF_PDF = "24c92237fd6269ee8bc8a5dfa8da671580a3f31d51c98531eef09d0808341023"


@pytest.mark.days
@pytest.mark.parametrize(
    ("attack", "kind", "code"),
    [
        ("UPDATE things SET body = replace(body, 'act-1', 'act-2')", "thing", "audit.changed"),
        ("DELETE FROM things", "thing", "audit.vanished"),
        ("UPDATE targets SET state = 'planned', reason = 'x'", "targets", "audit.changed"),
        ("DELETE FROM targets", "targets", "audit.vanished"),
        ("UPDATE settings SET value = '{\"way\": \"other\"}' WHERE name = 'signing'", "setting", "audit.changed"),
        ("INSERT INTO settings (name, value) VALUES ('enrolment', '{}')", "setting", "audit.unnoted"),
        ("UPDATE attachments SET content = x'00'", "attachment", "audit.changed"),
        ("DELETE FROM attachments", "attachment", "audit.vanished"),
        ("UPDATE users SET role = 'kepala_dinas'", "user", "audit.changed"),
        ("UPDATE activities SET place = 'Desa Lain'", "activity", "audit.changed"),
        ("UPDATE sealed_records SET receipt_jws = 'another.signed.receipt'", "receipt", "audit.changed"),
        ("UPDATE sealed_records SET receipt_jws = ''", "receipt", "audit.vanished"),
    ],
)
def test_what_was_changed_outside_the_program_is_named(room: Room, attack: str, kind: str, code: str) -> None:
    everything(room)
    assert faults(room) == set()
    meddle(room, attack)
    assert (kind, code) in faults(room)


def test_trust_roots_and_sop_files_are_told_at_sign_in_until_somebody_accepts_them(room: Room) -> None:
    files = {"trust/a.pem": "1", "sop/x.yaml": "2"}
    assert audit_of(room, files).begin() is None  # seen for the first time
    assert audit_of(room, files).begin() is None
    changed = {"sop/x.yaml": "3", "sop/new.yaml": "4"}
    told = audit_of(room, changed).begin()
    assert told is not None
    assert (told.code, told.params["files"]) == ("audit.files_changed", "sop/new.yaml, sop/x.yaml, trust/a.pem")
    assert audit_of(room, changed).report().faults == (
        AuditFault("file", "sop/new.yaml", "audit.unnoted"),
        AuditFault("file", "sop/x.yaml", "audit.changed"),
        AuditFault("file", "trust/a.pem", "audit.vanished"),
    )
    with pytest.raises(InputError):
        audit_of(room, changed).accept_files(" ")
    audit_of(room, changed).accept_files("SOP 2027")
    assert audit_of(room, changed).begin() is None
    assert audit_of(room, changed).report().is_ok
    nobody = CheckAudit(room.store, UnitsOfWork(room.store, room.clock, room.ids, PETUGAS))
    with pytest.raises(RuleError):
        nobody.accept_files("saya saja")


def test_what_another_kit_noted_says_nothing_of_this_one(room: Room) -> None:
    files = {"sop/x.yaml": "1"}
    assert audit_of(room, files).begin() is None
    foreign(room, {"file/sop/x.yaml": "9", "file/sop/z.yaml": "8", "setting/clock": "7"})
    assert audit_of(room, files).begin() is None
    assert faults(room, files) == set()
    audit_of(room, files).accept_files("SOP 2027")
    with room.store.read() as unit:
        (accepted,) = [event for event in unit.events.all() if event.kind == FILES_ACCEPTED]
    assert json.loads(accepted.payload) == {"kept": {"file/sop/x.yaml": "1"}, "reason": "SOP 2027"}


def test_a_sign_in_notes_nothing_twice_and_nothing_that_came_from_outside(room: Room) -> None:
    with room.store.write() as unit:
        unit.settings.put("signing", {"way": "none"})
    audit_of(room).begin()
    meddle(room, "INSERT INTO settings (name, value) VALUES ('enrolment', '{}')")
    rows, _ = CheckAudit(room.store).verify()
    assert audit_of(room).begin() is None
    assert CheckAudit(room.store).verify() == (rows, None)
    assert faults(room) == {("setting", "audit.unnoted")}


def test_what_the_log_of_an_older_program_says_already_is_not_noted_anew(room: Room) -> None:
    with UnitsOfWork(room.store, room.clock, room.ids, PETUGAS).write(Permission.SEND) as work:
        work.keep(Staff("s1", "Agus"), "staff_saved")
    older = "DELETE FROM events WHERE kind = 'state_kept'"
    meddle(room, older, "UPDATE things SET body = replace(body, 'Agus', 'Ucok')")
    audit_of(room).begin()
    assert {found for found in faults(room) if found[0] != "chain"} == {("thing", "audit.changed")}


@pytest.mark.days
def test_a_store_of_an_older_program_is_noted_as_it_stands(room: Room) -> None:
    everything(room)
    meddle(room, "DELETE FROM events")
    foreign(room, {"setting/signing": "7"})
    (room.home / "kit.mark").unlink()
    for path in (room.home / "sealed").glob("*.manifest"):
        path.unlink()
    assert faults(room) != set()
    assert audit_of(room).begin() is None
    assert {kind for kind, _ in faults(room)} == {"receipt"}  # an older program noted those


@pytest.mark.days
def test_ten_times_the_rows_cost_ten_times_the_work(room: Room) -> None:
    def work() -> int:
        assert audit_of(room).report().faults == ()
        return calls_of(audit_of(room).report)

    add_rows(room, 300)
    before = work()
    add_rows(room, 3000)
    assert work() < 11 * before


def add_rows(room: Room, count: int) -> None:
    with room.store.read() as unit:
        head = unit.events.head()
    assert head is not None
    previous, rows = head, []
    for number in range(count):
        at, kind = room.clock.now(), "seen"
        made = Event(
            *(room.ids.new(), KIT, head.chain, previous.sequence + 1, "u", at, f"thing-{number % 50}", 0, kind),
            *('{"n":1}', previous.digest, ""),
        )
        made = replace(made, digest=digest_of(made.line()))
        previous = ChainHead(head.chain, made.sequence, made.digest)
        rows.append(event_values(made))
    with room.store.write() as unit:
        unit.connection.execute(insert(events), rows)
