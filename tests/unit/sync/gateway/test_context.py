from __future__ import annotations

from sync.gateway.database import GatewayContext, Refusal


def test_a_refusal_says_status_and_code() -> None:
    refusal = Refusal(409, "upload.offset", "the offset is 5")
    assert (refusal.status, refusal.code) == (409, "upload.offset")
    assert str(refusal) == "409 upload.offset the offset is 5"


def test_a_house_hides_its_key_and_knows_its_name(gateway_context: GatewayContext) -> None:
    assert gateway_context.name.startswith("gateway-")
    assert gateway_context.nik_key.hex() not in repr(gateway_context)
