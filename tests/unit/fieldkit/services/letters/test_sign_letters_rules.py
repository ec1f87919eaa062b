"""Each condition of a signature by itself: what may be missing, what may come meanwhile, what the box says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from support.app_context import Kit
from support.letters import AT, HEAD, KADIS, KASI, office
from support.signing import (
    ADMIN,
    LETTER,
    PKCS12_PASSPHRASE,
    office_of,
    office_pkcs12,
    set_up,
    waiting_letter,
)

from drivers.simulators.bsre import Fault, SimulatedBsre
from drivers.simulators.bsre.server import CAMAT, KEPALA_DINAS
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.office_parts import LaptopBench
from fieldkit.documents.signature_check import OfficeSigner
from fieldkit.domain.errors import InputError, RuleError, SigningError, SigningUnknownError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState, SigningOutcome
from fieldkit.domain.people import Staff
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.vault import Appearance, BoxWords, Credentials, Place, SignedPdf, Standing
from fieldkit.services.letters import sign_letters
from fieldkit.services.letters.sign_letters import MOST_BYTES, SignLetters
from fieldkit.services.unit_of_work import UnitsOfWork

PASSPHRASE = KEPALA_DINAS.passphrase
_O = SigningOutcome


class WatchedBench(LaptopBench):
    """A real bench that remembers what it drew and finds only the places that it may."""

    def __init__(self, kit: Kit, *, has_places: bool = True) -> None:
        super().__init__(kit.clock)
        self.drawn: list[BoxWords] = []
        self._has_places = has_places

    def place_in(self, pdf: bytes) -> Place | None:
        return super().place_in(pdf) if self._has_places else None

    def draw(self, words: BoxWords) -> bytes:
        self.drawn.append(words)
        return super().draw(words)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with office(tmp_path) as kit:
        yield kit


@pytest.fixture
def signing(kit: Kit, bsre: SimulatedBsre) -> SignLetters:
    return set_up(kit, bsre).signing


def by_office(kit: Kit) -> SignLetters:
    office_of(kit, ADMIN).signing_setup.set_certificate(office_pkcs12(kit.clock)[0], PKCS12_PASSPHRASE)
    return office_of(kit, KADIS).signing


def at_bench(kit: Kit, bench: WatchedBench) -> SignLetters:
    return SignLetters(UnitsOfWork(kit.store, kit.clock, UuidV7(kit.clock), KADIS), bench)


def change(kit: Kit, letter: Letter, **changes: object) -> None:
    with kit.store.write() as unit:
        kept = unit.repository(Letter).get(letter.thing_id)
        unit.repository(Letter).save(replace(kept, **changes))


def last_event(kit: Kit, letter: Letter) -> dict[str, object]:
    with kit.store.read() as unit:
        told: dict[str, object] = json.loads(unit.events.of(letter.thing_id)[-1].payload)
    return told


def test_doubts_stand_first_then_the_oldest(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    old, young, doubted = [
        (kit.clock.advance(minutes=1), waiting_letter(kit, f"470/{at}/409.110/2026"))[1] for at in range(3)
    ]
    bsre.arm(Fault.HANG_UP)
    with pytest.raises(SigningUnknownError):
        signing.sign(doubted.thing_id, PASSPHRASE)
    assert [found.letter.thing_id for found in signing.waiting()] == [each.thing_id for each in (doubted, old, young)]


def test_a_letter_whose_fate_nobody_wrote_down_is_doubted_too(kit: Kit, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    change(kit, letter, state=LetterState.UNKNOWN)
    (found,) = signing.waiting()
    assert (found.doubt and found.doubt.code, found.tries) == ("tte.unknown", ())


def test_a_letter_that_waits_again_shows_its_tries(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    with pytest.raises(SigningError):
        signing.sign(letter.thing_id, "salah")
    (found,) = signing.waiting()
    assert found.doubt is None
    assert [(line.outcome, line.code) for line in found.tries] == [(_O.SENT, ""), (_O.REFUSED, "tte.wrong_passphrase")]
    assert last_event(kit, letter)["paper"] == ""
    bsre.arm(Fault.ECHO)
    with pytest.raises(SigningError):
        signing.sign(letter.thing_id, "sandi lain")
    assert [line.message[:6] for line in signing.waiting()[0].tries] == ["", "", "", "salah:"]


@pytest.mark.days
def test_the_log_tells_the_paper_that_was_signed(kit: Kit, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    signing.sign(letter.thing_id, PASSPHRASE)
    signed = signing.pdf(letter.thing_id)
    with kit.store.read() as unit:
        papers = [json.loads(each.payload).get("paper") for each in unit.events.of(letter.thing_id)]
    assert papers[-1] == sha256(signed).hexdigest()


def test_a_draft_has_no_file(kit: Kit, signing: SignLetters) -> None:
    draft = office_of(kit, KASI).letters.draft(LetterKind.SURAT_BALASAN, AT)
    with pytest.raises(RuleError, match=r"letter\.not_issued"):
        signing.pdf(draft.thing_id)


def test_a_file_of_just_the_most_bytes_is_looked_into(kit: Kit, signing: SignLetters) -> None:
    letter, most = waiting_letter(kit), bytes(MOST_BYTES)
    change(kit, letter, state=LetterState.UNKNOWN)
    with pytest.raises(InputError, match=r"tte\.not_the_letter"):
        signing.settle_signed(letter.thing_id, most)
    with pytest.raises(InputError, match=r"tte\.pdf_(?!huge)"):
        signing.check_file("besar.pdf", most)
    for refused in (
        lambda: signing.settle_signed(letter.thing_id, most + b"0"),
        lambda: signing.check_file("besar.pdf", most + b"0"),
    ):
        with pytest.raises(InputError, match=r"tte\.pdf_huge"):
            refused()


@pytest.mark.days
@pytest.mark.parametrize("is_told_by_hand", [True, False])
def test_a_signer_whom_the_kit_does_not_trust_yet_has_signed(
    kit: Kit, bsre: SimulatedBsre, signing: SignLetters, is_told_by_hand: bool
) -> None:
    office_of(kit, ADMIN).signing_setup.set_trust(office_pkcs12(kit.clock)[1])
    letter = waiting_letter(kit)
    if is_told_by_hand:
        change(kit, letter, state=LetterState.UNKNOWN)
        pdf = bsre.service.signed(signing.pdf(letter.thing_id), KEPALA_DINAS.nik, {"tampilan": "INVISIBLE"})
        done = signing.settle_signed(letter.thing_id, pdf)
    else:
        done = signing.sign(letter.thing_id, PASSPHRASE)
    assert (done.verdict.standing, done.letter.state) == (Standing.UNTRUSTED, LetterState.ISSUED)


@pytest.mark.days
def test_only_the_letter_signed_by_whom_it_names_settles_a_doubt(
    kit: Kit, bsre: SimulatedBsre, signing: SignLetters
) -> None:
    letter, unseen = waiting_letter(kit), {"tampilan": "INVISIBLE"}
    change(kit, letter, state=LetterState.UNKNOWN)
    by_another = bsre.service.signed(signing.pdf(letter.thing_id), CAMAT.nik, unseen)
    with pytest.raises(SigningError, match=r"tte\.other_signer"):
        signing.settle_signed(letter.thing_id, by_another)
    another_letter = bsre.service.signed(LETTER, KEPALA_DINAS.nik, unseen)
    with pytest.raises(InputError, match=r"tte\.not_the_letter"):
        signing.settle_signed(letter.thing_id, another_letter)
    assert [found.letter.state for found in signing.waiting()] == [LetterState.UNKNOWN]


@pytest.mark.days
@pytest.mark.parametrize("staff", [replace(HEAD, user_id=""), HEAD])
def test_an_account_without_an_entry_among_the_staff_is_known_by_its_certificate(
    kit: Kit, signing: SignLetters, staff: Staff
) -> None:
    with kit.store.write() as unit:
        unit.repository(Staff).save(staff)
    assert signing.sign(waiting_letter(kit).thing_id, PASSPHRASE).letter.state is LetterState.ISSUED


@pytest.mark.days
def test_a_letter_that_names_nobody_is_signed_by_whoever_may(kit: Kit, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    change(kit, letter, fields={name: value for name, value in letter.fields.items() if name != "signer"})
    with kit.store.write() as unit:
        unit.repository(Staff).save(replace(HEAD, name="Slamet Riyadi", nip="197001011995031001"))
    bench = WatchedBench(kit)
    assert at_bench(kit, bench).sign(letter.thing_id, PASSPHRASE).letter.state is LetterState.ISSUED
    assert [(box.name, box.jabatan, box.nip) for box in bench.drawn] == [(KADIS.name, "", "")]


@pytest.mark.days
def test_the_box_says_whom_the_letter_names(kit: Kit, signing: SignLetters) -> None:
    bench, letter = WatchedBench(kit), waiting_letter(kit)
    at_bench(kit, bench).sign(letter.thing_id, PASSPHRASE)
    assert [(box.name, box.jabatan, box.nip) for box in bench.drawn] == [(HEAD.name, HEAD.jabatan, HEAD.nip)]


@pytest.mark.days
def test_a_letter_without_a_place_for_it_is_signed_unseen(kit: Kit, signing: SignLetters) -> None:
    bench, letter = WatchedBench(kit, has_places=False), waiting_letter(kit)
    assert at_bench(kit, bench).sign(letter.thing_id, PASSPHRASE).letter.state is LetterState.ISSUED
    assert bench.drawn == []


def test_the_office_says_that_its_own_signature_failed(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    signing, letter = by_office(kit), waiting_letter(kit)
    monkeypatch.setattr(OfficeSigner, "sign_pdf", lambda _self, pdf, *_: SignedPdf(pdf))
    with pytest.raises(SigningError, match=r"tte\.sign_failed"):
        signing.sign(letter.thing_id, PKCS12_PASSPHRASE)
    (found,) = signing.waiting()
    assert (found.letter.state, [line.outcome for line in found.tries]) == (LetterState.WAITING, [_O.REFUSED])


def test_what_was_made_void_meanwhile_is_not_issued(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    signing, letter, honest = by_office(kit), waiting_letter(kit), OfficeSigner.sign_pdf

    def void_first(signer: OfficeSigner, pdf: bytes, credentials: Credentials, appearance: Appearance) -> SignedPdf:
        office_of(kit, KASI).letters.void(letter.thing_id, "salah tanggal")
        return honest(signer, pdf, credentials, appearance)

    monkeypatch.setattr(OfficeSigner, "sign_pdf", void_first)
    with pytest.raises(RuleError, match=r"tte\.not_waiting"):
        signing.sign(letter.thing_id, PKCS12_PASSPHRASE)
    kept = office_of(kit, KASI).letters.get(letter.thing_id)
    assert (kept.state, kept.signed_pdf) == (LetterState.VOID, "")


@pytest.mark.days
def test_a_surat_tugas_counts_once_it_is_signed_and_answers_no_request(
    kit: Kit, signing: SignLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts: list[Fulfilment] = []
    monkeypatch.setattr(sign_letters, "fulfil", lambda _writing, _at, fact, _evidence: facts.append(fact))
    letters = office_of(kit, KASI).letters
    letter = letters.issue(letters.draft(LetterKind.SURAT_TUGAS, AT, {"signing": "tte"}).thing_id, "800/7/2026")

    def number_of_activity() -> str:
        with kit.store.read() as unit:
            return unit.activities.get(AT).surat_tugas

    before = number_of_activity()
    signing.sign(letter.thing_id, PASSPHRASE)
    assert (before, number_of_activity(), facts) == ("K07-0031", "800/7/2026", [])
