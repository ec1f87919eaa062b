"""A truly sealed record through the gateway as it is assembled for an office, and the gateway as its own process."""

from __future__ import annotations

import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.gateway import Kit, World
from support.lenient import be_lenient
from support.outbox import SmallOutbox, codes_once
from support.records import small_draft, without_mark
from support.standstill import end_of

from fieldkit.domain.people import Role
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import RecordDraft
from fieldkit.formats.container import write_container
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import certificates
from fieldkit.vault.certificates import make_csr
from fieldkit.vault.cms import RecordSealer
from sync.gateway import provision
from sync.gateway.server import gateway_server
from sync.kit.enrol import add_user
from sync.protocol.messages import UserRequest

SERVE = """
import sys
from pathlib import Path
from sync.gateway.server import serve
from support.clock import true_clock
serve(Path(sys.argv[1]), "127.0.0.1", 0, true_clock(), lambda url: print("ready", url, flush=True))
print("stopped", flush=True)
"""


class OfficeWorld(World):
    """Serves with the opener that holds the data center identity."""

    def start(self, *_: object) -> None:
        self.gateway_context.engine.dispose()
        self.gateway_context = provision.open_gateway(self.folder, self.clock)
        self.server = gateway_server(self.folder, self.clock, port=self.port)
        self.port = self.server.port
        self.server.start()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = OfficeWorld(tmp_path / "gateway")
    made.start()
    be_lenient(made.gateway_context)
    yield made
    made.stop()


def queue_sealed(kit: Kit, outbox: SmallOutbox, draft: RecordDraft, petugas: SigningKey) -> str:
    recipients = kit.answer.configuration.age_recipients
    sealer = RecordSealer(SigningKey(kit.answer.kit_certificate, kit.key), petugas, recipients)
    sealed = sealer.seal(write_container(draft), kit.clock.now())
    _, manifest, data, sha256 = kit.record(sealed=sealed.data, record_id=draft.record_id)
    outbox.add(draft.record_id, manifest, data, sha256)
    return draft.record_id


def codes_of(world: World, kit: Kit, outbox: SmallOutbox, record_id: str) -> list[str]:
    return codes_once(outbox, record_id, 1, lambda: kit.run(outbox, world.url))


@pytest.mark.days
def test_a_sealed_record_becomes_print_ready_and_its_repetition_a_duplicate(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    petugas = kit.petugas
    first = queue_sealed(kit, outbox, small_draft(str(uuid.uuid4()), kit.name, sequence=1, at=kit.clock.now()), petugas)
    assert codes_of(world, kit, outbox, first) == ["RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD"]
    second = queue_sealed(
        kit, outbox, small_draft(str(uuid.uuid4()), kit.name, sequence=2, at=kit.clock.now()), petugas
    )
    assert codes_of(world, kit, outbox, second) == ["RECEIVED_AT_CENTRAL", "DUPLICATE_RECORD"]
    assert provision.sealed_path(world.folder, outbox.row(first)["sha256"]).stat().st_size == outbox.row(first)["size"]


@pytest.mark.days
def test_the_nik_stands_nowhere_in_the_gateway_folder(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    nik = "3315014107900777"
    petugas = kit.petugas
    record_id = queue_sealed(kit, outbox, small_draft(str(uuid.uuid4()), kit.name, nik, at=kit.clock.now()), petugas)
    codes_of(world, kit, outbox, record_id)
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if nik.encode() in path.read_bytes()]


@pytest.mark.days
def test_an_incomplete_record_and_one_of_a_stranger_fail_at_the_center(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    petugas = kit.petugas
    draft = without_mark(small_draft(str(uuid.uuid4()), kit.name, sequence=1, at=kit.clock.now()), Position.LEFT_RING)
    incomplete = queue_sealed(kit, outbox, draft, petugas)
    other = world.enrol_kit("kit-02")
    foreign_petugas = SigningKey(other.answer.kit_certificate, other.key)  # a kit in the place of a petugas
    stranger = queue_sealed(
        kit, outbox, small_draft(str(uuid.uuid4()), kit.name, sequence=2, at=kit.clock.now()), foreign_petugas
    )
    for record_id in (incomplete, stranger):
        assert codes_of(world, kit, outbox, record_id) == ["ENROLL_FAILURE_AT_CENTRAL"]


@pytest.mark.days
def test_a_further_user_signs_records(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    key = certificates.new_private_key()
    user = UserRequest(user_id="budi", name="Budi", role=Role.PETUGAS_PEREKAMAN, csr=make_csr(key))
    link = kit.link(world.url)
    certificate = add_user(link, kit.name, user, kit.admin_signer, kit.clock)
    link.close()
    record_id = queue_sealed(
        kit,
        outbox,
        small_draft(str(uuid.uuid4()), kit.name, at=kit.clock.now(), petugas="budi"),
        SigningKey(certificate, key),
    )
    assert codes_of(world, kit, outbox, record_id)[-1] == "PRINT_READY_RECORD"


@pytest.mark.days
def test_the_gateway_as_a_process_of_its_own_stops_cleanly(tmp_path: Path) -> None:
    World(tmp_path / "gateway").stop()
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SERVE, str(tmp_path / "gateway")],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready https://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        out, err = end_of(process)
    finally:
        process.kill()
        process.wait()
    assert (out.strip(), err, process.returncode) == ("stopped", "", 0)
