from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support.former_records import former, newer
from support.gateway import Kit, receive
from support.lenient import LENIENT, be_lenient
from support.records import small_draft, told, without_mark

from fieldkit.domain.errors import KnownError
from fieldkit.domain.nik import Nik
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import RecordDraft
from fieldkit.formats.container import write_container
from fieldkit.formats.rules import load_policy
from fieldkit.ports.vault import SigningKey
from fieldkit.vault.age import generate_identity
from fieldkit.vault.cms import RecordSealer, SealOpener
from fieldkit.vault.device_trust import SealedProofs
from sync.gateway import provision
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Circumstances, Opener
from sync.gateway.routes import SetAside, set_aside
from sync.gateway.seals import reader_of
from sync.gateway.tables import records, statuses
from sync.protocol.messages import Announcement

IDENTITY = generate_identity()


@pytest.fixture(autouse=True)
def lenient(gateway_context: GatewayContext) -> None:
    be_lenient(gateway_context)


def sealed(kit: Kit, draft: RecordDraft, form: Callable[[bytes], bytes] = lambda content: content) -> bytes:
    signer = SigningKey(kit.answer.kit_certificate, kit.key)
    content = form(write_container(draft))
    return RecordSealer(signer, kit.petugas, [str(IDENTITY.recipient)]).seal(content, kit.clock.now()).data


@pytest.fixture
def draft(kit: Kit) -> RecordDraft:
    return small_draft(str(uuid.uuid4()), kit.name, amends=str(uuid.uuid4()), at=kit.clock.now())


def read(kit: Kit, file: bytes, revoked: tuple[int, ...] = ()) -> object:
    opener = SealOpener([IDENTITY], [kit.answer.configuration.ca_certificate])
    return reader_of(opener, SealedProofs())(
        file, Circumstances(kit.clock.now(), kit.clock.now(), revoked, policy=load_policy(LENIENT))
    )


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


def test_a_record_of_the_form_before_is_read(kit: Kit, draft: RecordDraft) -> None:
    assert read(kit, sealed(kit, draft, former)) == read(kit, sealed(kit, draft))


@pytest.mark.allow_logs
def test_a_record_of_a_newer_program_waits_for_an_update(gateway_context: GatewayContext, kit: Kit) -> None:
    """A verdict would be for good: the record is set aside under a name that says what to do."""
    draft = small_draft(str(uuid.uuid4()), kit.name, at=kit.clock.now())
    _, manifest, file, _ = kit.record(sealed=sealed(kit, draft, newer), record_id=draft.record_id)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, draft.record_id, file)
    seals = SealOpener([IDENTITY], [kit.answer.configuration.ca_certificate])
    assert Opener(gateway_context, reader_of(seals, SealedProofs()), NikRule()).run_pending() == 0
    assert set_aside(gateway_context) == (SetAside(kit.name, draft.record_id, "record.newer", 1),)


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
    assert caught.value.code == "record.other_kit"


def test_a_position_without_sample_or_excuse_is_named(kit: Kit, draft: RecordDraft) -> None:
    incomplete = without_mark(draft, Position.EYE_LEFT)
    with pytest.raises(KnownError) as caught:
        read(kit, sealed(kit, incomplete))
    assert caught.value.code == "record.sample_missing"
    assert caught.value.problem.params == {"positions": "EYE_LEFT"}
    with pytest.raises(KnownError) as caught:  # by that name in the log, and nobody signed it
        read(kit, sealed(kit, told(replace(incomplete, failed=(Position.EYE_LEFT,)))))
    assert caught.value.code == "record.failure_unsigned"


@pytest.mark.parametrize("days", [-2, 5 * 365])
def test_a_laptop_with_a_wrong_clock_loses_nothing(kit: Kit, draft: RecordDraft, days: int) -> None:
    true_time = kit.clock.now()
    kit.clock.advance(days=days)
    draft = small_draft(draft.record_id, kit.name, at=kit.clock.now())
    opened = reader_of(SealOpener([IDENTITY], [kit.answer.configuration.ca_certificate]), SealedProofs())(
        sealed(kit, draft), Circumstances(kit.clock.now(), true_time, policy=load_policy(LENIENT))
    )
    assert opened.note == "time.implausible"


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (("biographicData", "nik"), "gateway.enrollment_incomplete"),
        (("requestData", "amends"), "gateway.enrollment_incomplete"),
    ],
)
@pytest.mark.parametrize("poison", ["\\ud800", "\\u0000", "9" * 5000])
def test_a_properly_signed_poison_is_invalid_and_the_next_is_opened(
    gateway_context: GatewayContext,
    kit: Kit,
    place: tuple[str, str],
    reason: str,
    poison: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def hostile(value: Mapping[str, Any]) -> bytes:
        made = json.loads(json.dumps(value, sort_keys=True))
        if "biographicData" in made:
            made.setdefault(place[0], {})[place[1]] = "POISON"
        return json.dumps(made, separators=(",", ":")).replace("POISON", poison).encode()

    seals = SealOpener([IDENTITY], [kit.answer.configuration.ca_certificate])
    opener = Opener(gateway_context, reader_of(seals, SealedProofs()), NikRule())
    ids = []
    for number in (1, 2):
        draft = small_draft(str(uuid.uuid4()), kit.name, sequence=number, at=kit.clock.now())
        with monkeypatch.context() as patched:
            if number == 1:
                patched.setattr("fieldkit.formats.container._json", hostile)
            file = sealed(kit, draft)
        record_id, manifest, _, _ = kit.record(sealed=file, record_id=draft.record_id)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, file)
        ids.append(record_id)
    assert opener.run_pending() == 2
    told = {
        str(item.record_id): (item.verdict, item.reason)
        for item in Ledger(gateway_context).statuses(kit.name, "").items
    }
    assert told == {ids[0]: ("invalid", reason), ids[1]: ("valid", "")}


def test_an_altered_record_is_said_by_name_and_kept(folder: Path, gateway_context: GatewayContext, kit: Kit) -> None:
    """Whoever can sign writes another number into a record; the next one is opened all the same."""
    opener = Opener(
        gateway_context,
        reader_of(SealOpener([IDENTITY], [kit.answer.configuration.ca_certificate]), SealedProofs()),
        NikRule(),
    )
    ids = []
    for number in (1, 2):
        draft = small_draft(str(uuid.uuid4()), kit.name, sequence=number, at=kit.clock.now())
        if number == 1:
            draft = replace(draft, biodata=replace(draft.biodata, name="ORANG LAIN"))
        file = sealed(kit, draft)
        record_id, manifest, _, sha256 = kit.record(sealed=file, record_id=draft.record_id)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, file)
        ids.append((record_id, sha256))
    assert opener.run_pending() == 2
    told = {
        str(each.record_id): (each.verdict, each.reason)
        for each in Ledger(gateway_context).statuses(kit.name, "").items
    }
    assert told == {ids[0][0]: ("invalid", "record.biodata_differs"), ids[1][0]: ("valid", "")}
    assert provision.sealed_path(folder, ids[0][1]).stat().st_size > 0


def test_who_has_no_nik_is_received_and_judged_by_nobody(gateway_context: GatewayContext, kit: Kit) -> None:
    seals = SealOpener([IDENTITY], [kit.answer.configuration.ca_certificate])
    opener = Opener(gateway_context, reader_of(seals, SealedProofs()), NikRule())
    for number in (1, 2):
        draft = small_draft(str(uuid.uuid4()), kit.name, sequence=number, at=kit.clock.now())
        draft = told(replace(draft, biodata=replace(draft.biodata, nik=Nik.provisional(kit.name, number))))
        file = sealed(kit, draft)
        record_id, manifest, _, _ = kit.record(sealed=file, record_id=draft.record_id)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, file)
    assert opener.run_pending() == 2
    with gateway_context.engine.begin() as connection:
        rows = connection.execute(sa.select(records.c.verdict, records.c.nik_mac)).all()
        codes = connection.scalars(sa.select(statuses.c.code)).all()
    assert [tuple(row) for row in rows] == [("valid", None)] * 2
    assert codes == ["RECEIVED_AT_CENTRAL"] * 2


def test_a_record_without_nik_and_without_a_number_of_the_kit_is_refused(kit: Kit, draft: RecordDraft) -> None:
    for nik in (Nik(""), Nik("SMT-"), Nik("SMT-3505120303500004 \u0000")):
        nameless = told(replace(draft, biodata=replace(draft.biodata, nik=nik)))
        with pytest.raises(KnownError) as caught:
            read(kit, sealed(kit, nameless))
        assert caught.value.code == "gateway.enrollment_incomplete"
