"""What happened to an item: out, back, damaged, repaired; the newest first, its photo beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fieldkit.domain.sarpras.checklist import CheckIn, CheckOut, DamageReport, RepairNote
from fieldkit.domain.sarpras.inventory import SarprasItem
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sarpras.history import Past, PastKind
from ui.presenters.amounts import clock_text, day_text
from ui.presenters.figures import Cell
from ui.presenters.lists import Facts, Head, Listed, ListScreen, Panel, Photo, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.sarpras.messages import condition_tag, test_tag

_TONES = {PastKind.DAMAGED: Tone.BAD, PastKind.REPAIRED: Tone.GOOD, PastKind.RETIRED: Tone.CAUTION}


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What happened once, by whom; `photo` is the one taken then, else that of the item."""

    name: str
    past: Past
    by: str
    photo: bytes = b""


class ItemHistory:
    """Reads the history of one item; there is nothing to change."""

    def __init__(self, context: AppContext, item_id: str) -> None:
        self._context, self._item_id = context, item_id
        self._item: SarprasItem | None = None  # once it was read

    def screen(self) -> ListScreen[HistoryEntry]:
        """Return the list."""
        return ListScreen(
            title=message("common.history"),
            heads=(
                Head(message("common.time"), self._when, 130, lambda e: e.past.at),
                Head.tagged(message("sarpras.what"), _what, 210, lambda e: e.past.what.value),
                Head.tagged(message("sarpras.condition"), _condition, 170, none="–"),
                Head.tagged(message("sarpras.test"), _test, 150, none="–"),
                Head(message("common.note"), _note),
            ),
            load=self._load,
            name=lambda e: e.name,
            text=lambda e: f"{e.past.place} {e.past.note} {e.by}",
            reads=frozenset({each.KIND for each in (SarprasItem, CheckOut, CheckIn, DamageReport, RepairNote)}),
            empty=nothing_yet("sarpras.no_history"),
            side=self._side,
            hint=message("sarpras.history_search"),
            where=lambda _: self._item.name if self._item else "",
        )

    def _load(self) -> Sequence[HistoryEntry]:
        office = self._context.office
        with office.units.read() as unit:
            names = {user.user_id: user.name for user in unit.users()}
        self._item = item = office.inventory.item(self._item_id)
        past = office.inventory.history(self._item_id)
        wanted = [each.photos[0] if each.photos else item.photo for each in past]
        photos = {photo: office.inventory.photo(photo) for photo in set(wanted) if photo}
        return [
            HistoryEntry(str(len(past) - at), each, names.get(each.by, ""), photos.get(photo, b""))
            for at, (each, photo) in enumerate(zip(past, wanted, strict=True))
        ]

    def _when(self, entry: HistoryEntry) -> Cell:
        at = self._context.clock.local(entry.past.at)
        return Cell(day_text(at), clock_text(at))

    def _side(self, listed: Listed[HistoryEntry]) -> tuple[Panel, ...]:
        item, entry = self._item, listed.current
        if item is None:
            return ()
        known: Mapping[str, Message] = {
            "sarpras.condition": condition_tag(item.condition).words,
            "sarpras.field.inventory_number": item.inventory_number or "–",
        }
        about = Facts.known(item.name, known, " · ".join(filter(None, (item.serial, item.spares))))
        return (about, Photo(message("common.photo"), entry.photo)) if entry and entry.photo else (about,)


def _what(entry: HistoryEntry) -> Tag:
    what = entry.past.what
    return Tag(message(f"sarpras.past.{what.value}"), _TONES.get(what, Tone.SOFT))


def _condition(entry: HistoryEntry) -> Tag | None:
    return condition_tag(entry.past.condition) if entry.past.condition is not None else None


def _test(entry: HistoryEntry) -> Tag | None:
    return test_tag(entry.past.line) if entry.past.line is not None else None


def _note(entry: HistoryEntry) -> Cell:
    past = entry.past
    return Cell(past.note or past.place or "–", " · ".join(filter(None, (entry.by, past.place if past.note else ""))))
