"""An audit of a room, what others hold of its log, and a thief with the key of its store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlcipher3 import dbapi2
from support.kept import KEY
from support.room import KIT, PETUGAS, Room

from fieldkit.domain.delivery import ANCHOR_TYP, STATE, STATE_KEPT, Anchor, AnchorSource
from fieldkit.domain.people import Role
from fieldkit.services.delivery.check_store import AuditTools, CheckAudit
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.storage.repositories.event_log import SqlEventLog, start_chain
from fieldkit.vault.device_trust import JwsSigner, JwsVerifier

ADMIN = replace(PETUGAS, role=Role.ADMIN_DINAS)


def meddle(room: Room, *statements: str | Callable[[dbapi2.Connection], object]) -> None:
    """Change the file as a thief with the key would: triggers are no obstacle."""
    room.store.close()
    connection = dbapi2.connect(str(room.home / "kit.db"))
    connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        if isinstance(statement, str):
            connection.execute(statement)
        else:
            statement(connection)
    for _, sql in triggers:  # so that nothing is seen of it
        connection.execute(sql)
    connection.commit()
    connection.close()
    room.store = room._open()


def audit_of(room: Room, files: dict[str, str] | None = None) -> CheckAudit:
    return CheckAudit(room.store, UnitsOfWork(room.store, room.clock, room.ids, ADMIN), tools_of(room, files))


def tools_of(room: Room, files: dict[str, str] | None = None) -> AuditTools:
    """Return what else of the kit knows something; `files` are digests of trust roots and SOP files."""
    signer = JwsSigner(room.keys.kit.private_der, KIT)
    verifier = JwsVerifier.of_certificate(room.keys.kit.certificate_der)
    return AuditTools(room.files, room.manifests(), signer, verifier, lambda: dict(files or {}))


def anchor_at_center(room: Room, source: AnchorSource = AnchorSource.CENTER) -> int:
    """Let the data center hold the end of the log; return its row."""
    with room.store.write() as unit:
        head = unit.events.head()
        assert head is not None
        word = {"kit": KIT, "chain": head.chain, "sequence": head.sequence, "digest": head.digest}
        jws = room.tools.kit_signer.sign({**word, "at": room.clock.now().isoformat()}, ANCHOR_TYP)
        unit.anchors.keep(Anchor(head.chain, head.sequence, head.digest, room.clock.now(), source, jws))
        return head.sequence


def faults(room: Room, files: dict[str, str] | None = None) -> set[tuple[str, str]]:
    return {(fault.kind, fault.code) for fault in audit_of(room, files).report().faults}


def foreign(room: Room, kept: dict[str, str]) -> None:
    """Let another kit of the team have noted a state; its chain came by a file."""
    with room.store.write() as unit:
        log = SqlEventLog(unit.connection, start_chain(unit.connection, "K02", "c2", room.clock.now()), room.ids)
        log.append(STATE_KEPT, STATE, {"kept": kept}, "dewi", room.clock.now())
