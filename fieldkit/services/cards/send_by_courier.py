"""Documents that a courier brings: told, taken with receipt 1, brought in one or two attempts, received or returned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from fieldkit.domain.cards.card import BY_COURIER, Attempt, CardCase, CourierRun, Handing, Place
from fieldkit.domain.cards.courier import CourierState, courier_message, follow
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.cards.hand_over import move_cards
from fieldkit.services.cards.take_receipts import Received, not_future, take_receipt
from fieldkit.services.letters.keep_letterhead import KeepLetterhead
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork


class SendByCourier:
    """What staff writes down of the courier's way; a courier has no account."""

    def __init__(self, units: UnitsOfWork, letterhead: KeepLetterhead) -> None:
        self._units, self._letterhead = units, letterhead

    def waiting(self) -> Sequence[CardCase]:
        """Return the documents that are ready for the courier or with one, oldest first."""
        with self._units.read() as unit:
            cards = unit.repository(CardCase).search()
        under_way = (CourierState.SIAP_DIAMBIL_KURIR, CourierState.DISERAHKAN_KE_KURIR, CourierState.DIANTAR)
        return [
            card
            for card in reversed(cards)
            if card.receipt is None and card.courier and card.courier.state in under_way
        ]

    def offered(self) -> Sequence[CardCase]:
        """Return everything that a courier may bring and nobody holds yet, the longest unmoved first."""
        with self._units.read() as unit:
            cards = unit.repository(CardCase).search()
        may_go = (card for card in cards if card.document in BY_COURIER and card.place in (Place.DINAS, Place.COURIER))
        return sorted(may_go, key=lambda card: card.moved_at)

    def make_ready(self, card_ids: Sequence[str]) -> Sequence[CardCase]:
        """Put documents that are at the dinas aside for the courier; those that came back get two new attempts."""

        def ready(card: CardCase, _: UnitOfWork) -> CardCase:
            if card.place is not Place.DINAS:
                raise RuleError("card.not_from_there", name=card.name)
            if card.document not in BY_COURIER:
                raise RuleError("courier.not_by_courier", name=card.name)
            before = card.courier.state if card.courier else CourierState.TERCETAK
            return replace(card, courier=CourierRun(follow(before, CourierState.SIAP_DIAMBIL_KURIR)))

        return self._move(card_ids, "courier_ready", ready)

    def message(self, card_ids: Sequence[str]) -> str:
        """Return the text for the group of couriers: registration numbers and their count, nothing else."""
        if not card_ids:
            raise InputError("card.none_chosen")
        with self._units.read() as unit:
            cards = [unit.repository(CardCase).get(card_id) for card_id in dict.fromkeys(card_ids)]
        return courier_message(self._letterhead.read().dinas, [card.registration for card in cards])

    def note_told(self, card_ids: Sequence[str]) -> None:
        """Note that the courier was told; the program itself sends nothing."""

        def told(card: CardCase, work: UnitOfWork) -> CardCase:
            run = _run(card)
            if run.state is not CourierState.SIAP_DIAMBIL_KURIR:
                raise RuleError("courier.not_now", state=run.state.value, to=CourierState.SIAP_DIAMBIL_KURIR.value)
            return replace(card, courier=replace(run, told_at=work.at))

        with self._units.write(Permission.HAND_OVER) as work:
            cards = move_cards(work, card_ids, "courier_told", told)
            for activity_id in sorted({card.activity_id for card in cards}):
                fulfil(work, activity_id, Fulfilment.COURIER_TOLD)

    def give(self, card_ids: Sequence[str], taken: Received) -> Sequence[CardCase]:
        """Hand documents to the courier with receipt 1, one mark for all of them."""
        with self._units.write(Permission.HAND_OVER) as work:
            if not card_ids:
                raise InputError("card.none_chosen")
            receipt = take_receipt(work, card_ids[0], taken)

            def given(card: CardCase, work: UnitOfWork) -> CardCase:
                run = _run(card)
                if card.place is not Place.DINAS:
                    raise RuleError("card.not_from_there", name=card.name)
                state = follow(run.state, CourierState.DISERAHKAN_KE_KURIR)
                handing = Handing(Place.COURIER, receipt.at, work.user.user_id, receipt.receiver)
                return replace(
                    card,
                    place=Place.COURIER,
                    handings=(*card.handings, handing),
                    courier=replace(run, state=state, taken=receipt),
                )

            return move_cards(work, card_ids, "courier_took", given)

    def attempt(self, card_id: str, note: str = "", at: datetime | None = None) -> CardCase:
        """Note that the courier went to the door. Raise `RuleError("courier.two_attempts")` for a third time."""
        return self.attempts([card_id], note, at)[0]

    def attempts(self, card_ids: Sequence[str], note: str = "", at: datetime | None = None) -> Sequence[CardCase]:
        """Note that the courier went to several doors; all of them or none."""

        def tried(card: CardCase, work: UnitOfWork) -> CardCase:
            run = _run(card)
            state = follow(run.state, CourierState.DIANTAR, len(run.attempts))
            went = Attempt(not_future(at, work), note.strip())
            return replace(card, courier=replace(run, state=state, attempts=(*run.attempts, went)))

        return self._move(card_ids, "courier_went", tried)

    def deliver(self, card_id: str, received: Received) -> CardCase:
        """Note that the document is in the hands of its owner or family, with receipt 2: at which door, by whom.

        Without other words it was the courier who took it, in the owner's desa.
        """

        def delivered(card: CardCase, work: UnitOfWork) -> CardCase:
            run = _run(card)
            state = follow(run.state, CourierState.DITERIMA)
            courier = run.taken.receiver if run.taken else ""
            at_door = replace(received, place=received.place or card.village, giver=received.giver or courier)
            receipt = take_receipt(work, card_id, at_door)
            handing = Handing(Place.PERSON, receipt.at, work.user.user_id, receipt.receiver)
            return replace(
                card,
                place=Place.PERSON,
                receipt=receipt,
                handings=(*card.handings, handing),
                courier=replace(run, state=state),
            )

        return self._move([card_id], "courier_delivered", delivered)[0]

    def bring_back(self, card_id: str, reason: str) -> CardCase:
        """Note that the courier brought a document back. Raise `InputError` without a reason."""
        return self.take_back([card_id], reason)[0]

    def take_back(self, card_ids: Sequence[str], reason: str) -> Sequence[CardCase]:
        """Note that the courier brought several documents back; all of them or none."""
        if not reason.strip():
            raise InputError("card.no_reason").at("reason")

        def back(card: CardCase, work: UnitOfWork) -> CardCase:
            run = _run(card)
            state = follow(run.state, CourierState.DIKEMBALIKAN)
            by = work.user
            handing = Handing(Place.DINAS, work.at, by.user_id, by.name, reason.strip())
            return replace(
                card, place=Place.DINAS, handings=(*card.handings, handing), courier=replace(run, state=state)
            )

        return self._move(card_ids, "courier_returned", back)

    def _move(
        self, card_ids: Sequence[str], act: str, change: Callable[[CardCase, UnitOfWork], CardCase]
    ) -> Sequence[CardCase]:
        with self._units.write(Permission.HAND_OVER) as work:
            return move_cards(work, card_ids, act, change)


def _run(card: CardCase) -> CourierRun:
    if card.courier is None:
        raise RuleError("courier.not_chosen", name=card.name)
    return card.courier
