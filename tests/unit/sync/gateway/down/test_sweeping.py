from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from fieldkit.domain.office_bundles import BundleKind
from sync.gateway.admission import Admission
from sync.gateway.context import GatewayContext
from sync.gateway.down.downward import Downward
from sync.gateway.down.parts import keep_part, part_of
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.down.tables import bundle_kits, down_parts, office_bundles
from sync.gateway.operations.retention import Policy, Retention
from sync.protocol.down import DownQuestion, Standing

POLICY = Policy(timedelta(days=365))


def tell(gateway_context: GatewayContext, kit: Kit, version: int, refused: int = 0) -> None:
    standing = Standing(kind="policy", name="", version=version, refused=refused, code="x.y" if refused else "")
    Downward(gateway_context).answer(kit.name, DownQuestion(standings=(standing,)))


def left(gateway_context: GatewayContext) -> list[int]:
    """Return the versions of the policy, with an audience and bytes each, and nothing besides."""
    with gateway_context.reading() as connection:
        of_policy = sa.select(office_bundles).filter_by(kind="policy").order_by(office_bundles.c.version)
        rows = connection.execute(of_policy).all()
        named = connection.scalars(sa.select(bundle_kits.c.version).filter_by(kind="policy")).all()
        ids = set(connection.scalars(sa.select(down_parts.c.object_id)))
        all_ids = set(connection.scalars(sa.select(office_bundles.c.sha256)))
    assert set(named) == {row.version for row in rows}
    assert ids == all_ids
    return [row.version for row in rows]


def swept(gateway_context: GatewayContext) -> int:
    return Retention(gateway_context).erase(POLICY).bundles


def test_versions_go_that_every_kit_is_past_but_the_newest_two(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    gateway_context.blobs.put("sealed/x", b"x")  # or the store would look as if it were away
    other, publishing = enrolled_kit(folder, gateway_context, clock, "kit-02"), Publishing(gateway_context)
    for content in (b"one", b"two", b"three", b"one", b"five"):
        publishing.publish(BundleKind.POLICY, "", content, Addressed())
    tell(gateway_context, kit, 5)
    assert (swept(gateway_context), left(gateway_context)) == (0, [1, 2, 3, 4, 5])  # the other told nothing
    tell(gateway_context, other, 1, refused=5)  # goes by the first
    assert (swept(gateway_context), left(gateway_context)) == (0, [1, 2, 3, 4, 5])
    tell(gateway_context, other, 3)
    assert (swept(gateway_context), left(gateway_context)) == (2, [3, 4, 5])
    sha256 = hashlib.sha256(b"one").hexdigest()
    assert Downward(gateway_context).part(kit.name, sha256, 0) == b"one"  # the fourth has the bytes of the first
    tell(gateway_context, other, 5)
    assert (swept(gateway_context), left(gateway_context)) == (1, [4, 5])
    assert (swept(gateway_context), left(gateway_context)) == (0, [4, 5])
    assert publishing.publish(BundleKind.POLICY, "", b"six", Addressed()).version == 6


def test_a_version_stays_that_is_the_newest_of_somebody_and_goes_when_he_is_shut_out(
    folder: Path, gateway_context: GatewayContext, clock: HandClock, kit: Kit
) -> None:
    gateway_context.blobs.put("sealed/x", b"x")
    other, publishing = enrolled_kit(folder, gateway_context, clock, "kit-02"), Publishing(gateway_context)
    publishing.publish(BundleKind.POLICY, "", b"for all", Addressed())
    for content in (b"two", b"three", b"four"):
        publishing.publish(BundleKind.POLICY, "", content, Addressed((kit.name,)))
    tell(gateway_context, kit, 4)
    tell(gateway_context, other, 1)
    assert (swept(gateway_context), left(gateway_context)) == (1, [1, 3, 4])
    Admission(gateway_context).revoke_kit(other.name)
    assert (swept(gateway_context), left(gateway_context)) == (1, [3, 4])


def test_post_between_kits_is_left_alone(gateway_context: GatewayContext, kit: Kit) -> None:
    gateway_context.blobs.put("sealed/x", b"x")
    for content in (b"one", b"two", b"three"):
        Publishing(gateway_context).publish(BundleKind.POLICY, "", content, Addressed())
    with gateway_context.engine.begin() as connection:
        keep_part(connection, "ab" * 16, 0, b"post")
    tell(gateway_context, kit, 3)
    assert swept(gateway_context) == 1
    with gateway_context.reading() as connection:
        assert part_of(connection, "ab" * 16, 0) == b"post"
