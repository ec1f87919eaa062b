"""What a data center does while its disk fills up: run by `full_disk`, each act in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from support import gateway_day
from support.clock import true_clock
from support.full_disk import Disk
from support.gateway import Kit, open_plainly
from support.outbox import SmallOutbox

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError
from fieldkit.domain.people import Role
from fieldkit.ports.delivery import Budget
from fieldkit.vault import certificates
from fieldkit.vault.certificates import make_csr
from sync.gateway import blobs, provision
from sync.gateway.app import build_app
from sync.gateway.blobs import Prepared
from sync.gateway.database import Refusal
from sync.gateway.ledger import NikRule
from sync.gateway.opener import Opener
from sync.gateway.server import GatewayServer
from sync.kit.enrol import enrol
from sync.protocol.messages import UserRequest

Say = Callable[[str], object]
BEFORE_FORKS = ()  # its object store and its server have threads, which no fork would have
KIT = "kit-02"


def day(_: Disk, say: Say, home: str) -> None:
    """Read all objects, take what was lost and what is new, take a stick, open everything."""
    try:
        gateway_day.day(Path(home), say)
    except Refusal as refusal:
        raise KnownError(refusal.code) from refusal
    except OSError as error:
        raise KnownError("cli.system") from error  # as the command line says it


def served(disk: Disk, say: Say, folder: str, laptop: str, code: str, fingerprint: str) -> None:
    """Serve a kit that enrols and sends; when that is refused, make room, and it goes on with what it has."""
    clock = true_clock()
    try:
        gateway_context = provision.open_gateway(Path(folder), clock)
    except OSError:
        disk.make_room()
        gateway_context = provision.open_gateway(Path(folder), clock)
    app = build_app(gateway_context, Opener(gateway_context, open_plainly, NikRule()))
    server = GatewayServer(app, *provision.tls_files(Path(folder)), "127.0.0.1", 0, gateway_context.limits)
    server.start()
    url = f"https://127.0.0.1:{server.port}"
    kit_key, admin_key, outbox = (
        certificates.new_private_key(),
        certificates.new_private_key(),
        SmallOutbox(Path(laptop)),
    )
    admin = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(admin_key))

    def enrolled() -> Kit:
        return Kit(KIT, kit_key, admin_key, enrol(url, code, fingerprint, make_csr(kit_key), admin), clock)

    def send(kit: Kit) -> None:
        report = kit.run(outbox, url, Budget())
        for record_id in report.acknowledged:
            say(f"acknowledged {record_id}")
        if report.stopped_by is not None:
            raise KnownError(report.stopped_by.code)

    try:
        try:
            kit = enrolled()
        except KnownError as error:
            say(f"not enrolled: {error.code}")
            disk.make_room()
            kit = enrolled()
        kit.queue(outbox, size=20_000)
        try:
            send(kit)
        except KnownError as error:
            say(f"not sent: {error.code}")
        disk.make_room()
        tries = 5
        while outbox.counts().get(DeliveryState.ACKNOWLEDGED) != 1:
            tries -= 1
            assert tries, f"with room again nothing is acknowledged: {outbox.counts()}"
            clock.advance(hours=2)
            send(kit)
    finally:
        server.stop()


def receipts_without_bytes() -> None:
    """Planted: a whole that could not be written is called stored."""
    prepare = blobs.Blobs.prepare_checked

    def careless(*given: Any, **named: Any) -> Sequence[Prepared]:
        try:
            return prepare(*given, **named)
        except OSError:
            return ()

    blobs.Blobs.grows = property(lambda _self: False)  # type: ignore[assignment]  # each whole goes that way
    blobs.Blobs.prepare_checked = careless  # type: ignore[method-assign]  # the bug is planted here
