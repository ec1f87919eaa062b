from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from support.gateway import Kit
from support.records import small_draft, without_mark

from fieldkit.domain.errors import KnownError
from fieldkit.domain.positions import Position
from fieldkit.domain.record import RecordDraft
from fieldkit.formats.container import write_container
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.age import generate_identity
from fieldkit.vault.sealing import RecordSealer, SealOpener
from sync.gateway.opener import Circumstances
from sync.gateway.seals import reader_of

IDENTITY = generate_identity()


def sealed(kit: Kit, draft: RecordDraft) -> bytes:
    signers = SigningKey(kit.answer.kit_certificate, kit.key), SigningKey(kit.answer.admin_certificate, kit.admin_key)
    return RecordSealer(*signers, [str(IDENTITY.recipient)]).seal(write_container(draft), kit.clock.now()).data


@pytest.fixture
def draft(kit: Kit) -> RecordDraft:
    return small_draft(str(uuid.uuid4()), kit.name, amends=str(uuid.uuid4()))


def read(kit: Kit, file: bytes, revoked: tuple[int, ...] = ()) -> object:
    opener = SealOpener([IDENTITY], [kit.answer.configuration.ca_certificate])
    return reader_of(opener)(file, Circumstances(kit.clock.now(), kit.clock.now(), revoked))


def test_a_sealed_record_is_read(kit: Kit, draft: RecordDraft) -> None:
    opened = read(kit, sealed(kit, draft))
    assert opened.record_id == draft.record_id
    assert (opened.nik, opened.kit, opened.amends, opened.link) == (
        draft.biodata.nik.digits,
        "kit-01",
        draft.amends,
        draft.link,
    )
    assert draft.biodata.nik.digits not in repr(opened)


def test_a_flipped_byte_anywhere_is_refused(kit: Kit, draft: RecordDraft) -> None:
    file = sealed(kit, draft)
    for place in range(0, len(file), len(file) // 40):
        harmed = bytearray(file)
        harmed[place] ^= 1
        with pytest.raises(KnownError):
            read(kit, bytes(harmed))


def test_a_record_of_another_kit_is_refused(kit: Kit, draft: RecordDraft) -> None:
    foreign = replace(draft, context=replace(draft.context, kit_id="kit-02"))
    with pytest.raises(KnownError) as caught:
        read(kit, sealed(kit, foreign))
    assert caught.value.code == "gateway.record_mismatch"


def test_a_position_without_sample_or_excuse_is_named(kit: Kit, draft: RecordDraft) -> None:
    incomplete = without_mark(draft, Position.EYE_LEFT)
    with pytest.raises(KnownError) as caught:
        read(kit, sealed(kit, incomplete))
    assert caught.value.code == "gateway.biometrics_incomplete"
    assert caught.value.problem.params == {"positions": "EYE_LEFT"}
    assert read(kit, sealed(kit, replace(incomplete, failed=(Position.EYE_LEFT,))))


@pytest.mark.parametrize("days", [-2, 5 * 365])
def test_a_laptop_with_a_wrong_clock_loses_nothing(kit: Kit, draft: RecordDraft, days: int) -> None:
    true_time = kit.clock.now()
    kit.clock.advance(days=days)
    opened = reader_of(SealOpener([IDENTITY], [kit.answer.configuration.ca_certificate]))(
        sealed(kit, draft), Circumstances(kit.clock.now(), true_time)
    )
    assert opened.note == "time.implausible"
