from __future__ import annotations

from sync.gateway.database import GatewayContext
from sync.gateway.down.tables import keep_part, keep_parts, part_of, whole_of
from sync.protocol.down import PART_BYTES


def test_a_content_is_kept_in_pieces_once(gateway_context: GatewayContext) -> None:
    content = bytes(range(256)) * (PART_BYTES // 256 + 1)
    with gateway_context.engine.begin() as connection:
        for _ in range(2):
            keep_parts(connection, "a", content)
        keep_parts(connection, "a", b"another")
        assert whole_of(connection, "a") == content
        assert len(part_of(connection, "a", 0) or b"") == PART_BYTES
        assert part_of(connection, "a", 2) is None
        keep_part(connection, "a", 1, b"anew")
        assert part_of(connection, "a", 1) == b"anew"
        assert whole_of(connection, "b") == b""
