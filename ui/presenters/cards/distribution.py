"""Distribusi: every printed document and where it is now."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.cards.distribution_messages import (
    LATE_DAYS,
    document_words,
    place_tag,
    waited,
    waited_words,
    way_of,
)
from ui.presenters.cards.slip_printing import refused_slips, slips
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.form import SEPARATOR
from ui.presenters.lists import Filter, Head, Hint, History, Listed, ListScreen, Panel
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Empty, Tone
from ui.presenters.printing import Printing


class Shown(StrEnum):
    """Where a document is."""

    WAITING = "waiting"  # with nobody yet
    DINAS = "dinas"
    KECAMATAN = "kecamatan"
    DESA = "desa"
    COURIER = "courier"
    RETURNED = "returned"
    PERSON = "person"


class Distribution:
    """Answers where a document is, and leads to handing it over."""

    def __init__(
        self, context: AppContext, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str = ""
    ) -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._printing, self._messages, self._clock = printing, messages, context.clock
        self._may = context.user.may(Permission.HAND_OVER)

    def screen(self) -> ListScreen[CardCase]:
        """Return the list, the longest unmoved first."""
        who: Head[CardCase] = Head(
            message("distribusi.person"), lambda c: Cell(c.name, c.masked_nik, is_strong=True), 0, lambda c: c.name
        )
        document: Head[CardCase] = Head(
            message("distribusi.document"),
            lambda card: Cell(document_words(card.document), card.registration),
            190,
            lambda card: (card.document, card.registration),
        )
        where: Head[CardCase] = Head(
            message("distribusi.where"),
            lambda card: Cell(waited_words(card, self._clock), tags=(place_tag(card),)),
            300,
            lambda card: card.moved_at,
        )
        return ListScreen(
            title=message("distribusi.title"),
            heads=(
                who,
                document,
                Head(message("distribusi.village"), lambda c: Cell(c.village), 170, lambda c: c.village),
                where,
            ),
            load=lambda: self._context.office.handover.all(self._of),
            name=lambda card: card.thing_id,
            text=lambda card: card.words,
            reads=frozenset({CardCase.KIND}),
            filters=(tuple(Filter(s, message(f"distribusi.shown.{s}"), _is_in(s)) for s in Shown),),
            ticks=lambda _card: self._may,
            empty=_nothing,
            side=self._side,
            commands=self._commands,
            hint=message("distribusi.search"),
        )

    def _side(self, listed: Listed[CardCase]) -> tuple[Panel, ...]:
        late = sum(card.receipt is None and waited(card, self._clock).days >= LATE_DAYS for card in listed.everything)
        hint = (Hint(message("distribusi.late", count=late, days=LATE_DAYS), tone=Tone.CAUTION),) if late else ()
        card = listed.current
        return hint if card is None else (History(card.name, way_of(card, self._clock)), *hint)

    def _commands(self, listed: Listed[CardCase]) -> tuple[Command, ...]:
        chosen, go = listed.chosen, self._navigator.push
        ids = SEPARATOR.join(card.thing_id for card in chosen)
        activity_id = self._of or (chosen[0].activity_id if chosen else "")
        not_yours: Message = "" if self._may else message("distribusi.not_yours")
        none = not_yours or ("" if chosen else message("distribusi.choose_first"))
        received = any(card.receipt is not None for card in chosen)
        refused = none or (message("distribusi.received_already") if received else "")
        slip = message("distribusi.receipt" if received else "distribusi.blank_slip")
        no_plan: Message = "" if activity_id else message("distribusi.no_activity")
        plan, ba = message("distribusi.schedule"), message("distribusi.write_ba")

        def to(screen: str) -> Callable[[], None]:
            return lambda: go(screen, card_ids=ids)

        return (
            Command(
                "export",
                message("distribusi.export"),
                Action.RECAP,
                Weight.PLAIN,
                not_yours,
                Operation(work=self._export, told=lambda words: words),
            ),
            Command(
                "schedule",
                plan,
                Action.CALENDAR,
                Weight.PLAIN,
                no_plan,
                lambda: go("distribution_plan", activity_id=activity_id),
            ),
            Command(
                "print_slips",
                slip,
                Action.ISSUE,
                refused=none or refused_slips(chosen),
                runs=slips(self._context, self._printing, chosen),
            ),
            Command("failed", message("distribusi.failed"), Action.REMOVE, refused=refused, runs=to("handover_failed")),
            Command("write_ba", ba, Action.NEW, refused=refused, runs=to("handover_ba")),
            Command("accept", message("distribusi.hand_over"), Action.ACCEPT, Weight.PRIMARY, refused, to("handover")),
        )

    def _export(self) -> Message:
        """Write what is with nobody yet into a file."""
        name, content = self._context.office.handover.export_undelivered(self._of, self._messages)
        return message("distribusi.exported", where=self._printing.save(name, content))


def _is_in(shown: Shown) -> Callable[[CardCase], bool]:
    if shown is Shown.WAITING:
        return lambda card: card.receipt is None
    if shown is Shown.RETURNED:
        return lambda card: card.is_returned
    return lambda card: card.place.value == shown.value


def _nothing(listed: Listed[CardCase]) -> Empty:
    key = "distribusi.none_shown" if listed.everything else "distribusi.empty"
    return Empty(message(key), message(f"{key}_hint"))
