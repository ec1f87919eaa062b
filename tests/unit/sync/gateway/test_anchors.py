from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.domain.delivery.sealed import MANIFEST_TYP
from fieldkit.vault import keys
from fieldkit.vault.jws import JwsSigner
from sync.gateway.anchors import AnchorKeeper
from sync.gateway.context import GatewayContext
from sync.gateway.tables import anchors
from sync.protocol.messages import ANCHOR_TYP, Anchors
from tests.unit.sync.gateway.conftest import enrolled

A, B = "a" * 64, "b" * 64


def anchor(kit: Kit, sequence: int, digest: str = A, **other: object) -> str:
    word: dict[str, object] = {
        "kit": kit.name,
        "chain": "c1",
        "sequence": sequence,
        "digest": digest,
        "at": kit.clock.now().isoformat(),
    }
    return kit.signer.sign({**word, **other}, ANCHOR_TYP)


@pytest.fixture
def keeper(gateway_context: GatewayContext) -> AnchorKeeper:
    return AnchorKeeper(gateway_context)


def words(keeper: AnchorKeeper, kit: Kit, *jws: str) -> tuple[str, ...]:
    return keeper.keep(kit.name, Anchors(anchors=jws)).words


def test_the_newest_of_each_chain_comes_back_as_the_kit_signed_it(keeper: AnchorKeeper, kit: Kit) -> None:
    first, second, other = anchor(kit, 5), anchor(kit, 9, B), anchor(kit, 1, chain="c2")
    answer = keeper.keep(kit.name, Anchors(anchors=(first, second, other)))
    assert answer.words == ("", "", "")
    assert answer.kept == (second, other)
    assert keeper.keep(kit.name, Anchors(anchors=())).kept == (second, other)
    assert words(keeper, kit, first, anchor(kit, 5, B)) == ("", "anchor.forked")


def test_a_rewritten_log_is_named_and_proven(keeper: AnchorKeeper, kit: Kit, gateway_context: GatewayContext) -> None:
    genuine = anchor(kit, 9)
    assert words(keeper, kit, genuine, genuine) == ("", "")
    kit.clock.advance(hours=1)
    assert words(keeper, kit, anchor(kit, 9, B), anchor(kit, 7, B)) == ("anchor.forked", "anchor.behind")
    assert keeper.keep(kit.name, Anchors(anchors=())).kept == (genuine,)
    with gateway_context.engine.begin() as connection:
        assert sorted(connection.scalars(sa.select(anchors.c.digest))) == [A, B]


def test_only_the_kits_own_word_counts(
    keeper: AnchorKeeper, kit: Kit, gateway_context: GatewayContext, folder: Path, clock: HandClock
) -> None:
    other = enrolled(folder, gateway_context, clock, "kit-02")
    word = {"kit": kit.name, "chain": "c1", "sequence": 1, "digest": A, "at": clock.now().isoformat()}
    forged = JwsSigner(keys.new_private_key(), kit.name).sign(word, ANCHOR_TYP)
    named_after_another = kit.signer.sign({**word, "kit": other.name}, ANCHOR_TYP)
    bad = (anchor(other, 1), forged, kit.signer.sign(word, MANIFEST_TYP), "a.b.c", named_after_another)
    assert words(keeper, kit, *bad, anchor(kit, 3)) == (*["anchor.invalid"] * 5, "")
    assert keeper.keep(other.name, Anchors(anchors=())).kept == ()


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"chain": "c" * 64}, ""),
        ({"chain": "c" * 65}, "anchor.invalid"),
        ({"chain": "c\0"}, "anchor.invalid"),
        ({"chain": "c\ud800"}, "anchor.invalid"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "anchor.invalid"),
    ],
)
def test_what_fits_into_no_row_is_refused(
    keeper: AnchorKeeper, kit: Kit, other: dict[str, object], word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.vault.jws._json", lambda part: json.dumps(part).encode())  # half characters pass
    assert words(keeper, kit, anchor(kit, 1, **other)) == (word,)


def test_a_place_that_no_row_can_number_is_refused(keeper: AnchorKeeper, kit: Kit) -> None:
    assert words(keeper, kit, anchor(kit, 2**63 - 1), anchor(kit, 2**63)) == ("", "anchor.invalid")
