from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from fieldkit.domain.errors import InputError
from fieldkit.domain.office_bundles import BUNDLE_TYP, BundleKind, BundleStanding
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsSigner, JwsVerifier
from sync.protocol.down import BundleHead, Vouch, Vouches, pack, read_head, read_revocations, read_vouch, told, unpack
from sync.protocol.messages import PAGE_SIZE

KEY = certificates.new_private_key()
OFFICE = JwsVerifier.of_key(certificates.public_der(KEY))
HEAD = BundleHead(
    gateway="gateway-1",
    kind=BundleKind.SOP,
    name="kia",
    version=3,
    made_at=datetime(2026, 11, 23, tzinfo=UTC),
    kits=("K01",),
    sha256="ab" * 32,
    size_bytes=5,
)


def signed(typ: str = BUNDLE_TYP, key: bytes = KEY, **more: object) -> str:
    return JwsSigner(key, "gateway-1").sign({**HEAD.model_dump(mode="json"), **more}, typ)


def test_a_file_holds_head_and_content() -> None:
    head, content = unpack(pack("h.e.d", b"a\nb\n"))
    assert (head, content) == ("h.e.d", b"a\nb\n")
    assert unpack(pack("h.e.d", b"")) == ("h.e.d", b"")
    for broken in (b"", b"no line", b"\xff\n", b"x" * 70_000):
        with pytest.raises(InputError, match=r"office.damaged"):
            unpack(broken)


def test_a_head_of_our_office_is_read() -> None:
    read = read_head(signed(), OFFICE)
    assert (read.stream, read.version, read.kits, read.is_sealed) == ("sop/kia", 3, ("K01",), False)


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (signed(key=certificates.new_private_key()), "office.untrusted"),
        (signed("fieldkit-receipt+jwt"), "office.untrusted"),
        (signed(version=0), "office.untrusted"),
        (signed(name="a\nb"), "office.untrusted"),
        (signed(kind="weather"), "office.newer"),
        ("x", "office.untrusted"),
    ],
)
def test_any_other_head_is_refused(head: str, code: str) -> None:
    with pytest.raises(InputError, match=code):
        read_head(head, OFFICE)


def test_what_a_kit_tells_of_itself() -> None:
    said = told(BundleStanding(BundleKind.POLICY, "", 1, refused=2, code="rules.policy"))
    assert said.model_dump() == {"kind": "policy", "name": "", "version": 1, "refused": 2, "code": "rules.policy"}


def test_revocations_are_read_or_refused() -> None:
    listed = b'{"certificates": [{"serial": "ff", "since": "2026-11-23T00:00:00Z"}]}'
    assert read_revocations(listed) == {"ff": "2026-11-23T00:00:00+00:00"}
    for broken in (b"", b"{}", listed.replace(b'"ff"', b'"zz"')):
        with pytest.raises(InputError, match=r"office.content"):
            read_revocations(broken)


VOUCH = Vouch(record_id=UUID(int=1), signature="a.b.c", certificate=b"der")


def test_it_comes_back_as_it_was_sent() -> None:
    sent = Vouches(vouches=(VOUCH,))
    assert Vouches.model_validate_json(sent.model_dump_json()) == sent


def test_beside_a_record_lies_what_was_signed_for_it() -> None:
    written = VOUCH.model_dump_json().encode()
    assert read_vouch(written, str(VOUCH.record_id)) == VOUCH
    for content, record_id in ((written, str(UUID(int=2))), (b"{", str(VOUCH.record_id))):
        with pytest.raises(ValueError, match=r"another record|Invalid JSON"):
            read_vouch(content, record_id)


def test_what_no_kit_would_send_is_refused() -> None:
    for wrong in (
        {"vouches": [VOUCH] * (PAGE_SIZE + 1)},
        {"vouches": [{**VOUCH.model_dump(), "signature": "x" * 5000}]},
    ):
        with pytest.raises(ValidationError):
            Vouches.model_validate(wrong)
