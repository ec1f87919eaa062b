"""Letters, certificates and a signing service of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_der_private_key,
    pkcs12,
)
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from support.app_context import DINAS, Kit
from support.clock import HandClock, true_clock
from support.letters import AT, KADIS, KASI

from drivers.simulators.bsre import SimulatedBsre
from drivers.simulators.bsre.authority import Authority
from drivers.simulators.bsre.server import KEPALA_DINAS, SECRET, USER, blank_letter
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.office_parts import LaptopBench
from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people import Role, User
from fieldkit.ports.vault import Credentials
from fieldkit.services.letters.keep_signing import KeepSigning
from fieldkit.services.letters.print_papers import Archive, KeepLetterhead
from fieldkit.services.letters.sign_letters import SignLetters
from fieldkit.services.letters.write_letters import LetterTools, WriteLetters
from fieldkit.services.unit_of_work import UnitsOfWork
from sync.kit.esign import BsreClient, Service

LETTER = blank_letter()
HEAD = Credentials(KEPALA_DINAS.nik, KEPALA_DINAS.passphrase)
ADMIN = User("u8", "Sigit Purnomo", Role.ADMIN_DINAS)
PKCS12_PASSPHRASE = "kunci kantor dinas"


@contextmanager
def service(clock: HandClock | None = None) -> Iterator[SimulatedBsre]:
    """A running service whose signatures bear the time of a clock, the true one by default."""
    with SimulatedBsre(now=(clock or true_clock()).now) as running:
        yield running


def client(running: SimulatedBsre, answer_s: float = 5.0, **changes: str) -> BsreClient:
    """A client that trusts the service and signs in."""
    told = {"url": running.url, "user": USER, "secret": SECRET, "ca": running.tls_pem, **changes}
    return BsreClient(Service(**told, answer_s=answer_s))


def office_pkcs12(clock: HandClock, name: str = "ENDANG KUSUMAWATI") -> tuple[bytes, str]:
    """Return a PKCS #12 file of the office, and its authority as PEM."""
    authority = Authority("CA Dinas", clock.now())
    certified = authority.signer(name)
    packed = pkcs12.serialize_key_and_certificates(
        b"kantor",
        load_der_private_key(certified.private, None),
        x509.load_der_x509_certificate(certified.certificate),
        [x509.load_der_x509_certificate(authority.certificate)],
        BestAvailableEncryption(PKCS12_PASSPHRASE.encode()),
    )
    return packed, authority.pem


def altered_after(pdf: bytes) -> bytes:
    """Return a signed PDF with an update behind the signature that shows another page."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/MediaBox"] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 100, 100)))
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@dataclass(frozen=True)
class Signers:
    """What signing needs of the office of one user."""

    letters: WriteLetters
    signing: SignLetters
    signing_setup: KeepSigning


def office_of(kit: Kit, user: User) -> Signers:
    """Return the services of another user of the same kit."""
    units, bench = UnitsOfWork(kit.store, kit.clock, UuidV7(kit.clock), user), LaptopBench(kit.clock)
    tools = LetterTools(TypstLetters(), KeepLetterhead(units, DINAS), Archive("KIT-07"))
    return Signers(WriteLetters(units, tools), SignLetters(units, bench), KeepSigning(units, bench))


def waiting_letter(kit: Kit, number: str = "470/1/409.110/2026") -> Letter:
    """Write a surat balasan that waits for its electronic signature."""
    letters = office_of(kit, KASI).letters
    draft = letters.draft(LetterKind.SURAT_BALASAN, AT, {"signing": "tte"})
    return letters.issue(draft.thing_id, number)


def set_up(kit: Kit, bsre: SimulatedBsre) -> Signers:
    """Let the admin set the service up; return the services of the kepala dinas."""
    setup = office_of(kit, ADMIN).signing_setup
    setup.set_service(bsre.url, USER, SECRET, bsre.tls_pem)
    setup.set_trust(bsre.ca_pem)
    setup.set_nik(KADIS.user_id, KEPALA_DINAS.nik)
    return office_of(kit, KADIS)
