from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import Kit
from support.letters import AT, HEAD, KADIS, KASI, office
from support.signing import (
    ADMIN,
    LETTER,
    PKCS12_PASSPHRASE,
    altered_after,
    office_of,
    office_pkcs12,
    set_up,
    waiting_letter,
)

from drivers.simulators.bsre import Fault, SimulatedBsre
from drivers.simulators.bsre.server import CAMAT, KEPALA_DINAS, SECRET
from fieldkit.domain.errors import InputError, KnownError, RuleError, SigningError, SigningUnknownError
from fieldkit.domain.letters.letter import Letter, LetterState, SigningOutcome, SigningTrail
from fieldkit.domain.people import Staff
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.vault import Standing
from fieldkit.services.letters import sign_letters
from fieldkit.services.letters.sign_letters import MOST_BYTES, SignLetters

PASSPHRASE = KEPALA_DINAS.passphrase


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path)
    yield kit
    kit.store.close()


@pytest.fixture
def signing(kit: Kit, bsre: SimulatedBsre) -> SignLetters:
    return set_up(kit, bsre).signing


def state(kit: Kit, letter: Letter) -> LetterState:
    return kept(kit, letter).state


def kept(kit: Kit, letter: Letter) -> Letter:
    with kit.store.read() as unit:
        return unit.repository(Letter).get(letter.thing_id)


def outcomes(kit: Kit, letter: Letter) -> list[SigningOutcome]:
    with kit.store.read() as unit:
        trail = unit.repository(SigningTrail).find(letter.thing_id)
    return [line.outcome for line in trail.tries] if trail else []


def test_a_waiting_letter_is_signed_archived_and_told_to_the_sop(
    kit: Kit, signing: SignLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts: list[tuple[str, Fulfilment]] = []
    monkeypatch.setattr(sign_letters, "fulfil", lambda _writing, at, fact, _evidence: facts.append((at, fact)))
    letter = waiting_letter(kit)
    assert [found.letter.thing_id for found in signing.waiting()] == [letter.thing_id]
    done = signing.sign(letter.thing_id, PASSPHRASE)
    assert done.verdict.standing is Standing.VALID
    assert done.letter.state is LetterState.ISSUED
    assert (done.letter.signer, done.letter.issued_at) == (KADIS.user_id, kit.clock.now())
    assert signing.waiting() == []
    assert signing.verify_letter(letter.thing_id).signatures[0].signer == KEPALA_DINAS.name
    assert facts == [(AT, Fulfilment.REPLY_SIGNED)]
    assert outcomes(kit, letter) == [SigningOutcome.SENT, SigningOutcome.SIGNED]
    with kit.store.read() as unit:
        unsigned, signed = (unit.attachments.get(name).content for name in (done.letter.pdf, done.letter.signed_pdf))
    assert signed.startswith(unsigned)


@pytest.mark.days
def test_the_page_that_is_shown_is_the_file_that_is_signed(kit: Kit, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    before = signing.pages(letter.thing_id)
    signing.sign(letter.thing_id, PASSPHRASE)
    assert before
    assert all(page.startswith(b"\x89PNG") for page in before)
    assert len(signing.pages(letter.thing_id)) == len(before)


@pytest.mark.days
def test_a_one_time_code_signs_too(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    assert "BeSign" in signing.request_code()
    assert signing.sign(letter.thing_id, totp=bsre.service.code_of(KEPALA_DINAS.nik)).letter.state is LetterState.ISSUED


@pytest.mark.days
def test_a_wrong_passphrase_leaves_it_waiting(kit: Kit, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    with pytest.raises(SigningError, match=r"tte\.wrong_passphrase"):
        signing.sign(letter.thing_id, "salah")
    assert state(kit, letter) is LetterState.WAITING
    assert outcomes(kit, letter) == [SigningOutcome.SENT, SigningOutcome.REFUSED]
    assert signing.sign(letter.thing_id, PASSPHRASE).letter.state is LetterState.ISSUED


def test_offline_it_waits_on(kit: Kit, signing: SignLetters) -> None:
    office_of(kit, ADMIN).signing_setup.set_service("https://127.0.0.1:1", "dinas")
    letter = waiting_letter(kit)
    with pytest.raises(SigningError, match=r"tte\.unreachable"):
        signing.sign(letter.thing_id, PASSPHRASE)
    assert state(kit, letter) is LetterState.WAITING
    assert outcomes(kit, letter)[-1] is SigningOutcome.NOT_SENT


@pytest.mark.parametrize(
    ("fault", "doubt"),
    [
        (Fault.HANG_UP, "tte.unknown"),
        (Fault.ERROR_500, "tte.unknown"),  # its own sentence would need the status, which is not kept
        (Fault.GARBAGE, "tte.unknown_answer"),
        (Fault.ANOTHER_DOCUMENT, "tte.unknown_document"),
        (Fault.UNSIGNED, "tte.unknown_document"),
    ],
)
def test_an_unknown_outcome_is_shown_and_never_retried(
    kit: Kit, bsre: SimulatedBsre, signing: SignLetters, fault: Fault, doubt: str
) -> None:
    letter = waiting_letter(kit)
    bsre.arm(fault)
    with pytest.raises(SigningUnknownError):
        signing.sign(letter.thing_id, PASSPHRASE)
    (found,) = signing.waiting()
    assert found.doubt is not None
    assert (found.doubt.code, found.letter.state) == (doubt, LetterState.UNKNOWN)
    assert [line.outcome for line in found.tries] == [SigningOutcome.SENT, SigningOutcome.UNKNOWN]
    with pytest.raises(RuleError, match=r"tte\.not_waiting"):
        signing.sign(letter.thing_id, PASSPHRASE)
    assert bsre.signings == 1


@pytest.mark.days
def test_the_answer_to_another_letter_is_not_kept(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    first, second = waiting_letter(kit), waiting_letter(kit, "470/2/409.110/2026")
    signing.sign(first.thing_id, PASSPHRASE)
    bsre.arm(Fault.REPLAY)
    with pytest.raises(SigningUnknownError, match=r"tte\.unknown_document"):
        signing.sign(second.thing_id, PASSPHRASE)
    assert kept(kit, second).signed_pdf == ""


@pytest.mark.days
def test_asked_for_four_times_at_once_it_is_sent_once(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    letter = waiting_letter(kit)

    def sign(_turn: int) -> str:
        try:
            return signing.sign(letter.thing_id, PASSPHRASE).letter.state.value
        except RuleError as error:
            return error.code

    with ThreadPoolExecutor(4) as people:
        ended = sorted(people.map(sign, range(4)))
    assert ended == ["issued", *["tte.not_waiting"] * 3]
    assert bsre.signings == 1


def test_a_crash_after_sending_leaves_the_truth(
    kit: Kit, signing: SignLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = waiting_letter(kit)

    def crash(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sync.kit.esign.BsreClient.sign_pdf", crash)
    with pytest.raises(KeyboardInterrupt):
        signing.sign(letter.thing_id, PASSPHRASE)
    (found,) = signing.waiting()
    assert (found.letter.state, found.doubt and found.doubt.code) == (LetterState.UNKNOWN, "tte.unknown")


@pytest.mark.days
def test_a_signed_file_with_a_broken_signature_is_not_kept(
    kit: Kit, bsre: SimulatedBsre, signing: SignLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter, context = waiting_letter(kit), bsre.service
    honest = context.signed
    monkeypatch.setattr(context, "signed", lambda *asked: altered_after(honest(*asked)))
    with pytest.raises(SigningUnknownError, match=r"tte\.unknown_document"):
        signing.sign(letter.thing_id, PASSPHRASE)
    assert state(kit, letter) is LetterState.UNKNOWN


@pytest.mark.days
def test_a_person_settles_what_is_unknown(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    pdf = signing.pdf(letter.thing_id)
    for _ in range(2):
        bsre.arm(Fault.HANG_UP)
        with pytest.raises(SigningUnknownError):
            signing.sign(letter.thing_id, PASSPHRASE)
        signing.settle_unsigned(letter.thing_id)
        assert state(kit, letter) is LetterState.WAITING
    bsre.arm(Fault.HANG_UP)
    with pytest.raises(SigningUnknownError):
        signing.sign(letter.thing_id, PASSPHRASE)
    found = bsre.service.signed(pdf, KEPALA_DINAS.nik, {"tampilan": "INVISIBLE"})
    twice = bsre.service.signed(found, KEPALA_DINAS.nik, {"tampilan": "INVISIBLE"})  # one signature more than was asked
    for wrong in (pdf, b"", altered_after(found), bsre.service.signed(LETTER, KEPALA_DINAS.nik, {}), twice):
        with pytest.raises(InputError, match=r"tte\.not_the_letter"):
            signing.settle_signed(letter.thing_id, wrong)
    assert signing.settle_signed(letter.thing_id, found).letter.state is LetterState.ISSUED
    assert outcomes(kit, letter)[-1] is SigningOutcome.FOUND_SIGNED
    for settle in (
        lambda: signing.settle_unsigned(letter.thing_id),
        lambda: signing.settle_signed(letter.thing_id, found),
    ):
        with pytest.raises(RuleError, match=r"tte\.not_unknown"):
            settle()


def test_the_office_signs_by_itself_without_a_network(kit: Kit) -> None:
    packed, _ = office_pkcs12(kit.clock)
    office_of(kit, ADMIN).signing_setup.set_certificate(packed, PKCS12_PASSPHRASE)
    signing, letter = office_of(kit, KADIS).signing, waiting_letter(kit)
    with pytest.raises(SigningError, match=r"tte\.wrong_passphrase"):
        signing.sign(letter.thing_id, "salah")
    assert state(kit, letter) is LetterState.WAITING
    done = signing.sign(letter.thing_id, PKCS12_PASSPHRASE)
    assert done.verdict.standing is Standing.VALID
    assert outcomes(kit, letter) == [SigningOutcome.REFUSED, SigningOutcome.SIGNED]


def test_what_is_missing_is_said_before_anything_is_sent(kit: Kit, bsre: SimulatedBsre) -> None:
    signing, letter = office_of(kit, KADIS).signing, waiting_letter(kit)
    with pytest.raises(InputError, match=r"tte\.secret_missing"):
        signing.sign(letter.thing_id)
    with pytest.raises(RuleError, match=r"tte\.not_set_up"):
        signing.sign(letter.thing_id, PASSPHRASE)
    set_up(kit, bsre)
    office_of(kit, ADMIN).signing_setup.set_nik(KADIS.user_id, "")
    for ask in (lambda: signing.sign(letter.thing_id, PASSPHRASE), signing.request_code):
        with pytest.raises(RuleError, match=r"tte\.nik_missing"):
            ask()
    assert state(kit, letter) is LetterState.WAITING
    assert bsre.asked == []


def test_nobody_signs_for_the_head(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    for user in (KASI, ADMIN, kit.context.user):
        other = office_of(kit, user).signing
        for act in (
            lambda other=other: other.sign(letter.thing_id, PASSPHRASE),
            lambda other=other: other.settle_unsigned(letter.thing_id),
            lambda other=other: other.settle_signed(letter.thing_id, b""),
            other.request_code,
        ):
            with pytest.raises(RuleError, match=r"role\.not_yours"):
                act()
    assert bsre.asked == []


@pytest.mark.days
def test_a_file_that_somebody_sent_is_checked(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    bsre.arm(Fault.HANG_UP)
    with pytest.raises(SigningUnknownError):
        signing.sign(letter.thing_id, PASSPHRASE)
    pdf = bsre.service.signed(signing.pdf(letter.thing_id), KEPALA_DINAS.nik, {"tampilan": "INVISIBLE"})
    checked = signing.check_file("surat balasan.pdf", pdf)
    assert (checked.name, checked.verdict.standing) == ("surat balasan.pdf", Standing.VALID)
    assert checked.pages
    huge = bytes(MOST_BYTES + 1)
    for refused in (
        lambda: signing.check_file("besar.pdf", huge),
        lambda: signing.settle_signed(letter.thing_id, huge),
    ):
        with pytest.raises(InputError, match=r"tte\.pdf_huge"):
            refused()
    assert signing.settle_signed(letter.thing_id, pdf).letter.state is LetterState.ISSUED


@pytest.mark.days
def test_secrets_are_in_no_event_row_or_log(
    kit: Kit, bsre: SimulatedBsre, signing: SignLetters, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    letter = waiting_letter(kit)
    for fault in (Fault.HANG_UP, Fault.ECHO, Fault.ERROR_500):
        bsre.arm(fault)
        with pytest.raises(KnownError):
            signing.sign(letter.thing_id, PASSPHRASE)
        if state(kit, letter) is LetterState.UNKNOWN:
            signing.settle_unsigned(letter.thing_id)
    signing.sign(letter.thing_id, PASSPHRASE)
    dump = _plain_rows(kit)
    assert "letter_signing" in dump
    assert "salah: " in dump  # the service repeated what it was told
    assert PASSPHRASE not in dump
    assert PASSPHRASE not in caplog.text
    without_settings = "\n".join(line for line in dump.splitlines() if not line.startswith("settings "))
    for secret in (KEPALA_DINAS.nik, SECRET):
        assert secret not in without_settings
        assert secret not in caplog.text


def _plain_rows(kit: Kit) -> str:
    """Every row of the decrypted store as text."""
    from sqlalchemy import text

    with kit.store._reader.connect() as connection:
        tables = connection.execute(text("select name from sqlite_master where type = 'table'")).scalars().all()
        return "\n".join(
            f"{table} {tuple(row)}" for table in tables for row in connection.execute(text(f'select * from "{table}"'))
        )


@pytest.mark.days
def test_a_certificate_of_somebody_else_issues_nothing(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    office_of(kit, ADMIN).signing_setup.set_nik(KADIS.user_id, CAMAT.nik)
    letter = waiting_letter(kit)
    with pytest.raises(SigningError, match=r"tte\.other_signer") as refused:
        signing.sign(letter.thing_id, CAMAT.passphrase)
    assert refused.value.problem.params == {"named": "Dra. Endang Kusumawati, M.Si.", "found": CAMAT.name}
    assert (kept(kit, letter).state, kept(kit, letter).signed_pdf) == (LetterState.WAITING, "")
    assert outcomes(kit, letter) == [SigningOutcome.SENT, SigningOutcome.REFUSED]
    packed, _authority = office_pkcs12(kit.clock, "Disdukcapil Kabupaten Blitar")
    office_of(kit, ADMIN).signing_setup.set_certificate(packed, PKCS12_PASSPHRASE)
    with pytest.raises(SigningError, match=r"tte\.other_signer"):
        signing.sign(letter.thing_id, PKCS12_PASSPHRASE)
    assert state(kit, letter) is LetterState.WAITING


def test_who_is_not_named_sends_nothing(kit: Kit, bsre: SimulatedBsre, signing: SignLetters) -> None:
    letter = waiting_letter(kit)
    with kit.store.write() as unit:
        unit.repository(Staff).save(replace(HEAD, name="Slamet Riyadi", nip="197001011995031001"))
    with pytest.raises(SigningError, match=r"tte\.other_signer"):
        signing.sign(letter.thing_id, PASSPHRASE)
    assert bsre.asked == []
    assert outcomes(kit, letter) == []
