"""What goes wrong in the field is said in both languages, and nothing that was recorded is lost.

A gateway that answers nonsense, a wrong passphrase and a full disk while sending are tried with the commands
(tests/unit/fieldkit/cli); here the rest meets a recording under way on the demo kit.
"""

from __future__ import annotations

import resource
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.commands import refused
from support.day import Petugas, open_door, sign_in

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.cli.options import NeverCancelled, NoProgress
from fieldkit.app.demo.kit import ACTIVITY, DemoDoor
from fieldkit.app.demo.world import Devices
from fieldkit.domain.errors import KnownError
from fieldkit.domain.nik import Nik
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.services.context.app_context import AppContext

if TYPE_CHECKING:
    from tests.e2e.conftest import Outreach

pytestmark = pytest.mark.days
ROOM_BYTES = 300_000


@dataclass
class Visit:
    """A recording under way: the photo is taken, the fingers are next."""

    door: DemoDoor
    context: AppContext
    petugas: Petugas
    devices: Devices
    session_id: str

    @property
    def session(self) -> CaptureSession:
        return self.context.recording.find(self.session_id)

    def take_fingers(self) -> None:
        recording, step = self.context.recording, StepKind.LEFT_FOUR
        captured = self.context.capture.take(self.session, step, NoProgress(), NeverCancelled(), 3_000)
        recording.keep_attempt(self.session_id, step, captured.device, captured.asked, captured.result)

    def holds(self) -> dict[str, str]:
        """Return what can be read back of every kept sample."""
        kept = dict.fromkeys(ref.sample_id for _, ref in self.session.kept)
        return {sample_id: self.context.recording.sample(sample_id).data.hex() for sample_id in kept}


@pytest.fixture
def visit(outreach: Outreach, tmp_path: Path) -> Iterator[Visit]:
    shutil.copytree(outreach.home.path, tmp_path / "home")
    door = open_door(Home(tmp_path / "home"), outreach.world.devices, outreach.residents)
    try:
        context = sign_in(door)
        target = context.visits.targets(ACTIVITY)[0]
        session = context.recording.open(target.target_id)
        context.recording.give_notice(session.session_id, "id")
        session = context.recording.confirm_biodata(session.session_id, target.biodata)
        taken = context.capture.take(session, StepKind.PHOTO, NoProgress(), NeverCancelled())
        context.recording.keep_attempt(session.session_id, StepKind.PHOTO, taken.device, taken.asked, taken.result)
        context.recording.accept(session.session_id, StepKind.PHOTO)
        yield Visit(door, context, Petugas(context, outreach.residents), outreach.world.devices, session.session_id)
    finally:
        door.leave()


def problem_of(act: Callable[[], object]) -> str:
    """Return the code of what an act raises; it must have three sentences in each language."""
    with pytest.raises(KnownError) as caught:
        act()
    texts = [strict_catalogue(language).problem(caught.value.problem) for language in LANGUAGES]
    for text in texts:
        assert all((text.what, text.safe, text.do)), caught.value.code
        assert "{" not in text.what + text.safe + text.do
    assert texts[0] != texts[1]
    return caught.value.code


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("35051248099200", "nik.not_16_digits"),
        ("3505124809920OO1", "nik.not_16_digits"),
        ("3505129909920001", "nik.day"),
        ("3505124809920000", "nik.serial"),
    ],
)
def test_a_wrong_nik(digits: str, code: str) -> None:
    assert problem_of(lambda: Nik.parse(digits)) == code


def test_a_nik_that_this_laptop_holds_already(visit: Visit) -> None:
    visit.petugas.record(visit.context.visits.targets(ACTIVITY)[0])
    other = visit.context.recording.open(visit.context.visits.targets(ACTIVITY)[1].target_id)
    visit.context.recording.give_notice(other.session_id, "id")
    first, second = (target.biodata for target in visit.context.visits.targets(ACTIVITY)[:2])
    twice = replace(second, nik=first.nik, birth_date=first.birth_date, sex=first.sex)
    assert problem_of(lambda: visit.context.recording.confirm_biodata(other.session_id, twice)) == (
        "session.recorded_before"
    )
    assert visit.context.recording.confirm_biodata(other.session_id, second).phase is Phase.CAPTURING


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("broken_chain", "device.sbi.chain"),
        ("wrong_signature", "device.jws_signature"),
        ("wrong_transaction", "device.sbi.reply"),
        ("huge_length", "device.timed_out"),
    ],
)
def test_a_device_that_cannot_be_believed(visit: Visit, fault: str, code: str) -> None:
    before = visit.holds()
    visit.devices.say("fault", fault)
    assert problem_of(visit.take_fingers) == code
    assert visit.holds() == before
    assert visit.session.step(StepKind.LEFT_FOUR).attempts == ()
    visit.take_fingers()
    assert len(visit.session.step(StepKind.LEFT_FOUR).attempts) == 1


@pytest.fixture
def stranger() -> Iterator[str]:
    """Answer on loopback as something that is no biometric service."""

    class Nonsense(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65_537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Nonsense)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_answer_that_no_protocol_knows(outreach: Outreach, stranger: str, tmp_path: Path) -> None:
    words = ("capture", "fingers", "--url", stranger, "--trust", outreach.world.devices.trust)
    code, problem = refused(*words, "--out", tmp_path / "out", home=tmp_path)
    assert code == 3
    assert problem.startswith("device.")


def test_a_full_disk_at_the_seal(visit: Visit) -> None:
    target = visit.context.visits.targets(ACTIVITY)[0]
    session = visit.petugas.prepare(target)
    before = visit.holds()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES, hard))
    try:
        assert problem_of(lambda: visit.context.sealing.seal(session.session_id)) in (
            "store.disk_full",
            "store.disk_failed",
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert visit.context.delivery.queue().sealed == 0
    assert visit.holds() == before
    visit.petugas.seal(visit.session)
    assert visit.context.delivery.queue().sealed == 1


def test_a_wrong_pin_until_only_the_passphrase_helps(visit: Visit) -> None:
    codes = [problem_of(lambda: visit.door.check_pin("000000")) for _ in range(5)]
    assert codes[:4] == ["vault.wrong_pin"] * 4
    assert problem_of(lambda: visit.door.check_pin("246810")) == "vault.pin_exhausted"
    before = visit.holds()
    visit.context = sign_in(visit.door)
    assert visit.context.left_open[0].session_id == visit.session_id
    assert visit.holds() == before
