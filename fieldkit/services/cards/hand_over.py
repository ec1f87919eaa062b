"""Documents from the dinas to kecamatan, desa and person, each step with who took them and what proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fieldkit.domain.cards.card import (
    BY_COURIER,
    Attempt,
    CardCase,
    CourierRun,
    CourierState,
    Distribution,
    Handing,
    MarkKind,
    Place,
    Receipt,
    Stop,
    courier_message,
    follow,
)
from fieldkit.domain.documents import SHORT_NAMES
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.nik import hide_niks
from fieldkit.domain.people import NIP_DIGITS, Permission
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.clock import Clock
from fieldkit.ports.documents import TargetSheets
from fieldkit.ports.messages import Messages
from fieldkit.ports.repositories import Attachment
from fieldkit.services.cards.keep_blanks import withdraw_card
from fieldkit.services.cards.print_cards import cards_moved
from fieldkit.services.letters.print_papers import KeepLetterhead
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.sop.run_sop import fulfil
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# What a receiver gives for a document: the mark that proves it, and the old card.

OLD_CARD = "KTP-el lama, ditarik saat penyerahan"
_MEDIA = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Received:
    """What is written down when somebody takes a document. `mark` is the picture of the signature or thumb."""

    receiver: str
    relation: str
    proof: str
    kind: MarkKind
    mark: bytes
    at: datetime | None = None
    is_card_read: bool = False
    shows_ktp: bool = False  # the receiver showed a KTP-el
    card_uid: str = ""  # keyed digest of the number of the chip that was read
    place: str = ""
    giver: str = ""  # the courier at the door
    photo: bytes = b""  # JPEG
    gives_old: bool = False  # the old KTP-el was taken in and cut


def take_receipt(work: UnitOfWork, owner: str, received: Received) -> Receipt:
    """Keep the mark of a receiver and return the receipt. Raise `InputError` for what is missing."""
    if not received.receiver.strip():
        raise InputError("card.no_receiver")
    if not received.relation.strip():
        raise InputError("card.no_relation")
    media = next((kind for sign, kind in _MEDIA.items() if received.mark.startswith(sign)), "")
    if not media:
        raise InputError("card.no_mark")
    if received.gives_old:
        withdraw_card(work, work.unit.repository(CardCase).get(owner), OLD_CARD)
    name = f"{received.kind.value}.{media.rsplit('/', 1)[-1]}"
    return Receipt(
        hide_niks(received.receiver.strip()),
        hide_niks(received.relation.strip()),
        hide_niks(received.proof.strip()),
        not_future(received.at, work),
        work.user.user_id,
        received.kind,
        work.attach(owner, name, media, received.mark),
        received.is_card_read,
        received.shows_ktp,
        _unused_uid(work, owner, received.card_uid),
        hide_niks(received.place.strip()),
        hide_niks(received.giver.strip()),
        work.attach(owner, "serah-terima.jpg", "image/jpeg", received.photo) if received.photo else "",
    )


def _unused_uid(work: UnitOfWork, owner: str, uid: str) -> str:
    """Return the digest of a chip. Raise `RuleError("card.of_another")` when somebody else was handed this card."""
    for other in work.unit.repository(CardCase).search() if uid else ():
        if other.receipt is not None and other.receipt.card_uid == uid and other.thing_id != owner:
            raise RuleError("card.of_another", name=other.name)
    return uid


def not_future(at: datetime | None, work: UnitOfWork) -> datetime:
    """Return a time as typed, or now. Raise `InputError("card.future")`."""
    if at is not None and at > work.at:
        raise InputError("common.in_future")
    return at or work.at


_COLUMNS = ("name", "nik", "type", "registration", "village", "place", "since", "days", "tries")


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A document that its owner does not have yet."""

    card: CardCase
    days: int  # at the place where it is
    tries: int


class HandOver:
    """Handovers of the signed-in user."""

    def __init__(self, units: UnitsOfWork, letters: WriteLetters, sheets: TargetSheets) -> None:
        self._units, self._letters, self._sheets = units, letters, sheets

    # --- reading

    def get(self, card_id: str) -> CardCase:
        """Return one. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.repository(CardCase).get(card_id)

    def of(self, activity_id: str) -> Sequence[CardCase]:
        """Return the documents of an activity, oldest first."""
        with self._units.read() as unit:
            return unit.repository(CardCase).of(activity_id)

    def search(self, text: str = "", limit: int | None = None) -> Sequence[CardCase]:
        """Answer "where is my card": by name, registration or village, newest first."""
        with self._units.read() as unit:
            return unit.repository(CardCase).search(text, limit)

    def all(self, activity_id: str = "", text: str = "") -> Sequence[CardCase]:
        """Return the documents of an activity, or of all, that match what was typed; the longest unmoved first."""
        with self._units.read() as unit:
            repository = unit.repository(CardCase)
            found = repository.of(activity_id) if activity_id and not text.strip() else repository.search(text)
        mine = (card for card in found if activity_id in ("", card.activity_id))
        return sorted(mine, key=lambda card: card.moved_at)

    def mark(self, receipt: Receipt) -> Attachment:
        """Return the signature, thumb mark or scan of a receipt."""
        with self._units.read() as unit:
            return unit.attachments.get(receipt.attachment_id)

    def ba_of(self, card_ids: Sequence[str]) -> Letter | None:
        """Return the latest BA serah terima that is not void and names all of these documents."""
        cards = self._chosen(card_ids)
        named = [letter_id for letter_id in cards[0].letters if all(letter_id in card.letters for card in cards)]
        with self._units.read() as unit:
            letters = [unit.repository(Letter).find(letter_id) for letter_id in reversed(named)]
        return next((letter for letter in letters if letter and letter.state is not LetterState.VOID), None)

    def undelivered(self, activity_id: str = "") -> Sequence[Undelivered]:
        """Return the documents that are with nobody yet, the longest waiting first."""
        with self._units.read() as unit:
            repository = unit.repository(CardCase)
            cards = repository.of(activity_id) if activity_id else repository.search()
        now = self._units.clock.now()
        waiting = sorted((card for card in cards if card.receipt is None), key=lambda card: card.moved_at)
        return [Undelivered(card, (now - card.moved_at).days, card.tries) for card in waiting]

    def export_undelivered(self, activity_id: str, messages: Messages) -> tuple[str, bytes]:
        """Return name and XLSX of the documents that are with nobody yet: NIK masked, no category.

        Who took it out stands below and in the log. Raise `RuleError("card.all_delivered")`.
        """
        waiting, local = self.undelivered(activity_id), self._units.clock.local
        if not waiting:
            raise RuleError("card.all_delivered")
        with self._units.write(Permission.HAND_OVER) as work:
            work.note("undelivered_exported", activity_id, count=len(waiting))
        moment = local(self._units.clock.now())
        mark = messages.text("verify.export_mark", name=self._units.user.name, moment=moment.strftime("%d-%m-%Y %H.%M"))
        header = [messages.text(f"card.column_{column}") for column in _COLUMNS]
        rows = [
            (
                each.card.name,
                each.card.masked_nik,
                SHORT_NAMES[each.card.document],
                each.card.registration,
                each.card.village,
                messages.text(f"card.at_{each.card.place.value}"),
                local(each.card.moved_at).strftime("%d-%m-%Y"),
                str(each.days),
                str(each.tries),
            )
            for each in waiting
        ]
        name = f"belum-diserahkan-{moment:%Y%m%d}.xlsx"
        return name, self._sheets.write("Belum diserahkan", header, [*rows, (), (mark,)])

    def distribution(self, activity_id: str) -> Distribution | None:
        """Return the distribution schedule of an activity."""
        with self._units.read() as unit:
            return unit.repository(Distribution).find(activity_id)

    # --- papers and plan

    def write_ba(self, card_ids: Sequence[str], receiver: str, jabatan: str, office: str, nip: str = "") -> Letter:
        """Draft the BA serah terima that lists documents of one activity; issuing it fulfils its step.

        What the receiver signed on the pad, when all of these were handed on to them before, stands on it.
        """
        cards = self._chosen(card_ids)
        if len({card.activity_id for card in cards}) > 1:
            raise InputError("card.several_activities")
        fields = {
            "second": {
                "name": hide_niks(receiver.strip()),
                "nip": nip.strip() if sum(map(str.isdigit, nip)) == NIP_DIGITS else hide_niks(nip.strip()),
                "pangkat": "",
                "jabatan": hide_niks(jabatan.strip()),
            },
            "second_office": hide_niks(office.strip()),
            "mark": self._ink_of(cards),
            "cards": [ba_row(card, self._units.clock) for card in cards],
        }
        with self._units.write(Permission.HAND_OVER) as work:
            letter = self._letters.draft_within(work, LetterKind.BA_SERAH_TERIMA, cards[0].activity_id, fields)
            for card_id in dict.fromkeys(card_ids):
                card = work.unit.repository(CardCase).get(card_id)
                work.keep(replace(card, letters=(*card.letters, letter.thing_id)), "card_listed", ba=letter.thing_id)
            return letter

    def _ink_of(self, cards: Sequence[CardCase]) -> str:
        """Return the attachment of the one signature by which all of these were taken last, "" where it is none."""
        receipts = {card.handings[-1].receipt if card.handings else None for card in cards}
        receipt = receipts.pop() if len(receipts) == 1 else None
        if receipt is None or not self.mark(receipt).media_type.startswith("image/"):
            return ""
        return receipt.attachment_id

    def write_receipt(self, card_id: str) -> Letter:
        """Draft the tanda terima of a document that somebody took. Raise `RuleError("card.not_received")`."""
        card = self.get(card_id)
        if card.receipt is None:
            raise RuleError("card.not_received", name=card.name)
        return self._letters.draft(LetterKind.TANDA_TERIMA, card.activity_id, self._slip_of(card))

    def slip(self, card_id: str) -> Letter:
        """Issue the tanda terima of a document: filled when somebody took it, else to be filled in at the door."""
        with self._units.write(Permission.HAND_OVER) as work:
            card = work.unit.repository(CardCase).get(card_id)
            fields = self._slip_of(card)
            letter = self._letters.draft_within(work, LetterKind.TANDA_TERIMA, card.activity_id, fields)
            return self._letters.issue_within(work, letter)

    def plan_distribution(self, activity_id: str, stops: Sequence[Stop]) -> Distribution:
        """Keep when documents go where. Raise `InputError` without a stop or with one that has no place."""
        if not stops or not all(stop.where.strip() for stop in stops):
            raise InputError("card.no_stop")
        with self._units.write(Permission.PLAN) as work:
            work.unit.activities.get(activity_id)
            in_order = tuple(sorted(stops, key=lambda stop: stop.on))
            plan = Distribution(activity_id, activity_id, in_order, work.user.user_id, work.at)
            work.keep(plan, "distribution_planned", stops=len(stops))
            fulfil(work, activity_id, Fulfilment.DISTRIBUTION_PLANNED, activity_id)
            return plan

    # --- handing over

    def hand_on(self, card_ids: Sequence[str], to: Place, receiver: str, at: datetime | None = None) -> None:
        """Hand documents to a kecamatan or desa. Raise `InputError` without the name of who took them."""
        if not receiver.strip():
            raise InputError("card.no_receiver")

        def handing(work: UnitOfWork) -> Handing:
            return Handing(to, not_future(at, work), work.user.user_id, receiver.strip())

        self._hand_on(card_ids, to, handing)

    def hand_on_signed(self, card_ids: Sequence[str], to: Place, taken: Received) -> None:
        """Hand documents to a kecamatan or desa whose official signs for all of them at once."""

        def handing(work: UnitOfWork) -> Handing:
            receipt = take_receipt(work, card_ids[0], taken)
            return Handing(to, receipt.at, work.user.user_id, receipt.receiver, receipt=receipt)

        self._hand_on(card_ids, to, handing)

    def bring_back(self, card_ids: Sequence[str], reason: str) -> Sequence[CardCase]:
        """Take documents back to the dinas that could not be handed over there. Raise `InputError` for no reason."""
        if not reason.strip():
            raise InputError("card.no_reason").at("reason")

        def back(card: CardCase, work: UnitOfWork) -> CardCase:
            by = work.user
            return card.handed(Handing(Place.DINAS, work.at, by.user_id, by.name, reason.strip()))

        return self._move(card_ids, "card_brought_back", back)

    def note_attempts(self, card_ids: Sequence[str], note: str) -> Sequence[CardCase]:
        """Note that nobody could take any of these documents. Raise `InputError` without a note."""
        if not note.strip():
            raise InputError("card.no_reason").at("reason")

        def tried(card: CardCase, work: UnitOfWork) -> CardCase:
            if card.receipt is not None:
                raise RuleError("card.received_before", name=card.name)
            if card.place is Place.COURIER:
                raise RuleError("card.with_courier", name=card.name)
            return replace(card, attempts=(*card.attempts, Attempt(work.at, note.strip())))

        return self._move(card_ids, "card_not_taken", tried)

    def receive(self, card_id: str, received: Received) -> CardCase:
        """Hand a document to its owner or somebody for them. Raise `InputError`, `RuleError`."""

        def taken(card: CardCase, work: UnitOfWork) -> CardCase:
            if card.asks_for_ktp and not received.shows_ktp:
                raise RuleError("card.show_ktp", name=card.name)
            return card.received(take_receipt(work, card_id, received))

        return self._move([card_id], "card_received", taken)[0]

    # --- parts

    def _slip_of(self, card: CardCase) -> dict[str, str]:
        """Return what a tanda terima says; what nobody knows yet is left blank."""
        known = {
            "registration": card.registration,
            "type": SHORT_NAMES[card.document],
            "name": card.name,
            "nik": card.masked_nik,
            "village": card.village,
        }
        taken = card.receipt
        if taken is None:
            return known | dict.fromkeys(("receiver", "relation", "proof", "dated", "place", "officer", "mark"), "")
        return known | {
            "receiver": taken.receiver,
            "relation": taken.relation,
            "proof": taken.proof,
            "dated": self._units.clock.local(taken.at).date().isoformat(),
            "mark": taken.attachment_id if taken.mark is MarkKind.SIGNATURE else "",
            **({"place": taken.place, "officer": taken.giver} if taken.giver else {}),
        }

    def _hand_on(self, card_ids: Sequence[str], to: Place, handing: Callable[[UnitOfWork], Handing]) -> None:
        if not card_ids:
            raise InputError("card.none_chosen")
        with self._units.write(Permission.HAND_OVER) as work:
            made = handing(work)

            def handed(card: CardCase, _: UnitOfWork) -> CardCase:
                if to not in (Place.KECAMATAN, Place.DESA):
                    raise RuleError("card.not_from_there", name=card.name)
                return card.handed(made)

            move_cards(work, card_ids, f"card_to_{to.value}", handed)

    def _chosen(self, card_ids: Sequence[str]) -> list[CardCase]:
        if not card_ids:
            raise InputError("card.none_chosen")
        with self._units.read() as unit:
            return [unit.repository(CardCase).get(card_id) for card_id in dict.fromkeys(card_ids)]

    def _move(
        self, card_ids: Sequence[str], act: str, change: Callable[[CardCase, UnitOfWork], CardCase]
    ) -> Sequence[CardCase]:
        with self._units.write(Permission.HAND_OVER) as work:
            return move_cards(work, card_ids, act, change)


def move_cards(
    work: UnitOfWork, card_ids: Sequence[str], act: str, change: Callable[[CardCase, UnitOfWork], CardCase]
) -> list[CardCase]:
    """Change documents, all of them or none, and tell what that means for their activities."""
    if not card_ids:
        raise InputError("card.none_chosen")
    repository, moved = work.unit.repository(CardCase), []
    for card_id in dict.fromkeys(card_ids):
        card = change(repository.get(card_id), work)
        work.keep(card, act, place=card.place.value)
        moved.append(card)
    tell_moved(work, moved)
    return moved


def tell_moved(work: UnitOfWork, cards: Iterable[CardCase]) -> None:
    """Let the SOPs of documents hear where they are."""
    for activity_id in sorted({card.activity_id for card in cards if card.activity_id}):
        cards_moved(work, activity_id)


def ba_row(card: CardCase, clock: Clock) -> dict[str, str]:
    """Return what a printed list may say of a document: the NIK masked."""
    return {
        "name": card.name,
        "nik": card.masked_nik,
        "village": card.village,
        "type": SHORT_NAMES[card.document],
        "printed": clock.local(card.prints[-1].at).date().isoformat(),
        "condition": card.condition,
    }


# Documents that a courier brings: told, taken with receipt 1, brought in one or two attempts, received or returned.


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
