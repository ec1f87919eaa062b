"""One record that meets nonsense does not hold up those behind it."""

from __future__ import annotations

from support.gateway import Kit, World
from support.liar import Liar
from support.outbox import SmallOutbox

from fieldkit.domain.delivery.way import DeliveryState

TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "1"}


def test_nonsense_about_one_record_lets_the_others_go(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    odd, good = kit.queue(outbox, size=20_000), kit.queue(outbox, size=20_000)
    world.stop()
    world.start(Liar("PATCH", f"/tus/{odd}", 204, b"", TUS))
    report = kit.run(outbox, world.url)
    assert report.acknowledged == (good,)
    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.nonsense"
    assert (outbox.state(odd), outbox.row(odd)["attempts"]) == (DeliveryState.QUEUED, 0)
    assert report.counts_agree


def test_nonsense_about_many_is_the_servers(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    for _ in range(5):
        kit.queue(outbox, size=20_000)
    world.stop()
    liar = Liar("PATCH", "/tus", 204, b"", TUS)
    world.start(liar)
    assert kit.run(outbox, world.url).stopped_by is not None
    assert liar.lies == 3
