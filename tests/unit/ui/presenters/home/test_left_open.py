from __future__ import annotations

from support.app_context import Kit
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.typed import DraftName
from ui.presenters.home.left_open import LeftOpen
from ui.presenters.presenter import message


def begun(kit: Kit, target_id: str) -> str:
    session = kit.context.recording.open(target_id)
    kit.clock.advance(minutes=1)
    return kit.context.recording.give_notice(session.session_id, "id").session_id


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> Listing:
    return Listing(LeftOpen(kit.context, steps).screen(), tasks, steps)


def people(listing: Listing) -> list[object]:
    return [row.cells[0].words for row in listing.rows]


def test_a_recording_goes_on_whatever_came_before_it_meanwhile(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    session = begun(kit, "t1")
    begun(kit, "t2")
    listing = opened(kit, tasks, steps)
    assert people(listing) == ["KAR•••", "MIS•••"]
    listing.presenter.select(f"recording?session_id={session}")
    listing.presenter.search("mis")
    assert people(listing) == ["MIS•••"]
    listing.presenter.search("")
    begun(kit, "t4")
    listing.presenter.refresh()
    assert people(listing)[0] == "NAD•••"
    listing.press("go_on")
    assert steps.taken == [("push", "recording", session)]


def test_a_typed_form_opens_as_it_was_opened(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.context.drafts.keep(DraftName("walk_in", {"activity_id": "a1"}), {"name": "siti"})
    opened(kit, tasks, steps).press("go_on")
    assert steps.taken == [("push", "walk_in", "a1")]


def test_nothing_left_says_so(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps)
    assert listing.presenter.state.nothing.title == message("isian.nothing_left")
    assert listing.offered("go_on").refused
