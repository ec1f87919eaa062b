from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit

from sync.gateway.admission import Admission, digest_of
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.custody import mark_lost
from sync.gateway.ledger import Ledger
from sync.gateway.receiving.standing import Expected, Standing, standing
from sync.gateway.uploads import Uploads
from sync.protocol.messages import Announcement


@pytest.mark.allow_logs  # that it was lost
def test_it_tells_every_step_of_a_record(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, sealed, sha256 = kit.record(size=1000)
    uploads = Uploads(gateway_context)

    def now(carrier: str = kit.name) -> Standing:
        with gateway_context.reading() as connection:
            return standing(connection, kit.name, record_id, carrier)

    with pytest.raises(Refusal, match=r"404 manifest\.unknown"):
        now()
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    announced = now()
    assert (announced.sha256, announced.size_bytes, announced.jws) == (sha256, 1000, manifest)
    assert (announced.receipt, announced.view) == (None, None)
    uploads.create(kit.name, record_id, 1000)
    uploads.append(kit.name, record_id, 0, sealed[:400])
    view = now().view
    assert view is not None
    assert (view.offset, view.length) == (400, 1000)
    assert now("kit-02").view is None
    uploads.append(kit.name, record_id, 400, sealed[400:])
    received = now("kit-02")
    assert received.receipt
    assert received.view is not None
    assert (received.view.offset, received.view.expires_at) == (1000, None)
    mark_lost(gateway_context, kit.name, record_id, received.receipt, "missing")
    assert (now().receipt, now().view) == (None, None)


def test_it_is_of_that_record_of_that_kit_and_of_who_sends(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other, uploads = enrolled_kit(folder, gateway_context, clock, "kit-02"), Uploads(gateway_context)
    record_id, manifest, sealed, _ = kit.record(size=1000)
    further_id, further, _, _ = kit.record(size=800)
    _, same_id, content, _ = other.record(size=900, record_id=record_id)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest, further)))
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(same_id,)))

    def now() -> list[tuple[int, int | None, bool, bool]]:
        """Return size, offset, whether there is a receipt and whether anybody began, of all that may be asked for."""
        asked = [(owner, record_id, by) for owner in ("kit-01", "kit-02") for by in ("kit-01", "kit-02")]
        with gateway_context.reading() as connection:
            found = [standing(connection, *each) for each in [*asked, ("kit-01", further_id, "kit-01")]]
        return [
            (each.size_bytes, each.view and each.view.offset, bool(each.receipt), each.has_uploads) for each in found
        ]  # type: ignore[misc]

    nothing = [(1000, None, False, False)] * 2 + [(900, None, False, False)] * 2 + [(800, None, False, False)]
    assert now() == nothing
    uploads.create("kit-02", record_id, 900, "kit-01", content[:7])
    begun = [*nothing[:2], (900, 7, False, True), (900, None, False, True), nothing[4]]
    assert now() == begun
    uploads.create("kit-01", record_id, 1000, "kit-02", sealed[:5])
    assert now() == [(1000, None, False, True), (1000, 5, False, True), *begun[2:]]
    uploads.create("kit-01", record_id, 1000, "", sealed)
    assert now() == [(1000, 1000, True, False)] * 2 + begun[2:]


@pytest.fixture
def expected(gateway_context: GatewayContext) -> Iterator[Expected]:
    made = Expected(gateway_context)
    yield made
    made.close()


@pytest.mark.parametrize("way", [Expected.of, Expected.at_once])
def test_a_token_brings_what_its_own_kit_announced(
    gateway_context: GatewayContext,
    kit: Kit,
    folder: Path,
    clock: HandClock,
    expected: Expected,
    way: Callable[[Expected, str, str], Standing | None],
) -> None:
    other = enrolled_kit(folder, gateway_context, clock, "kit-02")
    record_id, manifest, sealed, _ = kit.record(size=1000)
    tokens = {each.name: digest_of(each.token(gateway_context)) for each in (kit, other)}
    assert way(expected, tokens[kit.name], record_id) is None
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))

    def known() -> Standing:
        with gateway_context.reading() as connection:
            return standing(connection, kit.name, record_id, kit.name)

    assert way(expected, tokens[kit.name], record_id) == known()
    assert way(expected, tokens[other.name], record_id) is None
    assert way(expected, digest_of("of-nobody"), record_id) is None
    Uploads(gateway_context).create(kit.name, record_id, 1000, "kit-02", sealed[:5])
    assert known().has_uploads
    assert way(expected, tokens[kit.name], record_id) == known()
    Uploads(gateway_context).create(kit.name, record_id, 1000, "", sealed[:7])
    assert way(expected, tokens[kit.name], record_id) == known()
    Uploads(gateway_context).append(kit.name, record_id, 7, sealed[7:])
    assert known().receipt
    assert way(expected, tokens[kit.name], record_id) == known()


@pytest.mark.parametrize("way", [Expected.of, Expected.at_once])
def test_nobody_is_expected_whom_the_gate_refuses(
    gateway_context: GatewayContext,
    kit: Kit,
    clock: HandClock,
    expected: Expected,
    way: Callable[[Expected, str, str], Standing | None],
) -> None:
    record_id, manifest, _, _ = kit.record(size=1000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    admission, token = Admission(gateway_context), kit.token(gateway_context)
    last = gateway_context.limits.token_life.total_seconds()
    clock.advance(seconds=last - 1)
    assert way(expected, digest_of(token), record_id)
    clock.advance(seconds=1)
    assert way(expected, digest_of(token), record_id) is None
    with pytest.raises(Refusal, match=r"auth\.token_expired"):
        admission.kit_of(f"Bearer {token}")
    token = kit.token(gateway_context)
    assert way(expected, digest_of(token), record_id)
    admission.revoke_kit(kit.name)
    assert way(expected, digest_of(token), record_id) is None
    with pytest.raises(Refusal, match=r"auth\.kit_revoked"):
        admission.kit_of(f"Bearer {token}")


def test_a_database_that_is_far_is_asked_on_a_thread_only(gateway_context: GatewayContext, kit: Kit) -> None:
    record_id, manifest, _, _ = kit.record(size=1000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    token = digest_of(kit.token(gateway_context))
    far = Expected(replace(gateway_context, engine=sa.create_engine("postgresql+psycopg://nobody@nowhere/none")))
    assert far.at_once(token, record_id) is None
    far.close()
