"""Serah terima: who takes documents, what proves it, and the receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

from fieldkit.domain.cards.card import CardCase, Document, MarkKind, Place
from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.devices import PreviewSink, SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording.check_card import CardSeen
from ui.presenters.actions import Action
from ui.presenters.cancellable_task import CancellableTask
from ui.presenters.cards.distribution_messages import place_tag, place_words
from ui.presenters.cards.handover_fields import (
    DOOR,
    GIVER,
    OLD,
    PROOF,
    RECEIVER,
    RELATION,
    SHOWN,
    TO,
    YES,
    door_photo,
    places_for,
    propose,
    received,
    typed,
)
from ui.presenters.cards.receipt_mark import NO_MARK, Mark, MarkTaking, Sinks
from ui.presenters.commands import Command, enter
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.form import FormField
from ui.presenters.lines import Line
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.recording.card_check import CardShown
from ui.presenters.tasks import STORE, Tasks, device_executor
from ui.presenters.ways_out import leave, unread

_READER = device_executor("cards")
_WAITING = CardShown(message("kartu.waiting"), message("distribusi.card_hint"), Tone.SOFT)


class Phase(StrEnum):
    """One question at a time."""

    WHO = "who"
    SIGN = "sign"
    PICTURE = "picture"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverState(ViewState):
    """The documents at the left, the question at the right."""

    title: Message = ""
    hint: Message = ""
    lines: tuple[Line, ...] = ()
    phase: Phase = Phase.WHO
    fields: tuple[FormField, ...] = ()
    card: CardShown | None = None
    mark: Mark = NO_MARK
    facts: tuple[tuple[Message, Message], ...] = ()


class _Loaded(NamedTuple):
    cards: Sequence[CardCase]
    ba: Letter | None


class HandoverPresenter(DraftedPresenter[HandoverState]):
    """Hands over documents of one batch, or one document to its person.

    `to` is the place that is proposed; "courier" asks for the courier's own receipt.
    """

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        card_ids: Sequence[str],
        to: str,
        sinks: tuple[StrokeSink, PreviewSink, SignaturePad | None],
    ) -> None:
        about = {"card_ids": " ".join(card_ids), "to": to}
        drafting = Drafting(context, tasks, DraftName("handover", about))
        super().__init__(HandoverState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator, self._ids = context, tasks, navigator, tuple(card_ids)
        self._handover, self._courier = context.office.handover, context.office.courier
        self._wanted = to
        self._cards: Sequence[CardCase] = ()
        self._ba: Letter | None = None
        self._task = CancellableTask(tasks)
        self._marks = MarkTaking(context, tasks, Sinks(*sinks), self._marked)
        self._seen: CardSeen | None = None
        self._is_keeping = False

    # --- reading

    def start(self) -> None:
        """Read the documents; what was typed stays when the screen comes back."""
        if self.state.stage in (Stage.LOADING, Stage.ERROR):
            self._tasks.run(STORE, self._load, self._loaded, self._failed)
        elif self.state.phase in (Phase.SIGN, Phase.PICTURE) and not self.state.mark.content:
            self._marks.again()

    refresh = start

    def stop(self) -> None:
        """Keep what was typed; let go of reader, pad and camera."""
        self.settle()
        self._task.release()
        self._marks.release()

    def _load(self) -> tuple[_Loaded, Left | None]:
        cards = [self._handover.get(card_id) for card_id in self._ids]
        return _Loaded(cards, self._handover.ba_of(self._ids) if self._ids else None), self._drafting.read()

    def _loaded(self, found: tuple[_Loaded, Left | None]) -> None:
        loaded, left = found
        self._cards, self._ba = loaded
        places = (Place.COURIER,) if self._wanted == Place.COURIER else places_for(self._cards)
        if not places or not self._context.user.may(Permission.HAND_OVER):
            reason = "nothing" if self._context.user.may(Permission.HAND_OVER) else "not_yours"
            empty = Empty.of(f"distribusi.handover_{reason}")
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(leave(self.back))))
            return
        lines = tuple(_line(card) for card in self._cards)
        title = message("distribusi.handover_title", count=len(lines))
        wanted = next((place for place in places if place.value == self._wanted), places[-1])
        self._ask(wanted, stage=Stage.CONTENT, title=title, lines=lines, retry=None)
        self._restore(left)

    def _ask(self, to: Place, **changes: Any) -> None:
        fields, hint = propose(self._cards, to, self._ba), message(f"distribusi.who_hint.{to.value}")
        self._become(replace(self.state, phase=Phase.WHO, fields=fields, hint=hint, problem=None, **changes))
        self._dress()

    @property
    def _to(self) -> Place:
        chosen = next((field.text for field in self.state.fields if field.name == TO), "")
        if chosen:
            return Place(chosen)
        return Place.COURIER if self._wanted == Place.COURIER else places_for(self._cards)[-1]

    # --- who takes it

    def typed(self) -> Mapping[str, str]:
        """Return what stands otherwise than proposed, with where it goes; a signature is never a draft."""
        if self.state.phase is Phase.DONE or not self._cards:
            return {}
        proposed = {field.name: field.text for field in propose(self._cards, self._to, self._ba)}
        found = {field.name: field.text for field in self.state.fields if field.text != proposed.get(field.name, "")}
        return {**found, TO: self._to.value} if found else {}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Ask who takes it as proposed, but for these fields."""
        places = (Place.COURIER,) if self._wanted == Place.COURIER else places_for(self._cards)
        self._ask(next((place for place in places if place.value == fields.get(TO)), self._to))
        for name, text in fields.items():
            if name != TO:
                self._become(replace(self.state, fields=typed(self.state.fields, name, text)))

    def type(self, name: str, text: str) -> None:
        """Take a keystroke."""
        self._become(replace(self.state, fields=typed(self.state.fields, name, text), problem=None))
        self._edited()

    def choose(self, name: str, choice: str) -> None:
        """Choose where it goes, whether a KTP-el was shown, whether the old one was taken in."""
        if name == TO and choice != self._to:
            self._ask(Place(choice))
        elif name in (SHOWN, OLD):
            self.type(name, choice)

    def read_card(self) -> None:
        """Wait for the new card on the reader."""
        if self._may_read:
            self._become(replace(self.state, card=_WAITING, problem=None))
            self._task.run(_READER, self._context.cards.read, self._card_seen, self._card_unread)

    @property
    def _may_read(self) -> bool:
        is_person = self.state.phase is Phase.WHO and self._to is Place.PERSON
        return is_person and self._cards[0].document is Document.KTP_EL

    def _card_seen(self, seen: CardSeen) -> None:
        self._seen = seen if seen.is_ktp_el else None
        self._become(replace(self.state, card=_shown(seen)))

    def _card_unread(self, problem: Problem) -> None:
        self._become(replace(self.state, card=None, problem=problem))

    # --- what proves it

    def thumb(self) -> None:
        """Photograph a thumb mark."""
        self._picture(MarkKind.THUMB)

    def scan(self) -> None:
        """Photograph, or take from a file, a receipt that was signed elsewhere."""
        self._picture(MarkKind.SCAN)

    def _picture(self, kind: MarkKind) -> None:
        if self.state.phase in (Phase.SIGN, Phase.PICTURE):
            self._become(
                replace(self.state, phase=Phase.PICTURE, hint=message(f"distribusi.picture_hint.{kind.value}"))
            )
            self._marks.picture(kind)

    def repeat(self) -> None:
        """Take the mark once more."""
        if self.state.phase in (Phase.SIGN, Phase.PICTURE):
            self._marks.again()

    def sign_here(self) -> None:
        """Somebody began to sign on the screen."""
        if self.state.phase is Phase.SIGN:
            self._marks.sign_here()

    def type_path(self, path: str) -> None:
        """Take a keystroke of the path of a file."""
        self._marks.type(path)

    def _marked(self, mark: Mark) -> None:
        self._become(replace(self.state, mark=mark, problem=mark.problem))
        self._dress()

    # --- on and back

    def accept(self) -> None:
        """Go on: to the signature, to taking the picture, to keeping all of it, to the list."""
        match self.state.phase:
            case Phase.WHO:
                self._go_on()
            case Phase.PICTURE if not self.state.mark.content:
                self._marks.take()
            case Phase.SIGN | Phase.PICTURE:
                self._keep()
            case Phase.DONE:
                self._navigator.back()

    def back(self) -> None:
        """Go one question back, or leave."""
        if self.state.phase is Phase.PICTURE:
            self._begin_signing()
        elif self.state.phase is Phase.SIGN:
            self._marks.release()
            to = self._to
            self._become(
                replace(self.state, phase=Phase.WHO, hint=message(f"distribusi.who_hint.{to.value}"), problem=None)
            )
            self._dress()
        else:
            self._navigator.back()

    def print_paper(self) -> None:
        """Open the paper of this handover: the tanda terima of one person, the BA serah terima of a batch."""
        if self.state.phase is not Phase.DONE:
            return
        if self._to is Place.PERSON:
            self._tasks.write(lambda: self._handover.slip(self._ids[0]), self._refused, self._open_letter)
        elif self._ba is not None:
            self._open_letter(self._ba)

    def _open_letter(self, letter: Letter) -> None:
        self._navigator.push("letter", letter_id=letter.thing_id)

    def _go_on(self) -> None:
        lacks = next((f for f in self.state.fields if f.name in (RECEIVER, RELATION) and not f.text.strip()), None)
        shown = next((f.text for f in self.state.fields if f.name == SHOWN), YES)
        if lacks is not None:
            self._refused(Problem(f"card.no_{lacks.name}"))
        elif shown != YES:
            self._refused(Problem("card.show_ktp", {"name": self._cards[0].name}))
        else:
            self._task.release()
            self._begin_signing()

    def _begin_signing(self) -> None:
        receiver = next(field.text for field in self.state.fields if field.name == RECEIVER)
        hint = message("distribusi.sign_hint", receiver=receiver.strip(), count=len(self._cards))
        self._become(replace(self.state, phase=Phase.SIGN, hint=hint, problem=None))
        self._marks.sign()

    def _keep(self) -> None:
        mark = self.state.mark
        if self._is_keeping or not mark.content:
            return
        self._is_keeping = True
        to = self._to
        taken = received(self.state.fields, mark.kind, mark.content, self._seen if to is Place.PERSON else None)

        def keep() -> None:
            match to:
                case Place.COURIER:
                    self._courier.give(self._ids, taken)
                case Place.PERSON if self._cards[0].place is Place.COURIER:
                    photo = door_photo(self._context, self.state.fields)
                    self._courier.deliver(self._ids[0], replace(taken, photo=photo))
                case Place.PERSON:
                    self._handover.receive(self._ids[0], taken)
                case _:
                    self._handover.hand_on_signed(self._ids, to, taken)

        self._accept_typed(keep, lambda _: self._kept(), self._refused)

    def _kept(self) -> None:
        self._is_keeping = False
        self._marks.release()
        values = {field.name: field for field in self.state.fields}
        facts = tuple(
            (values[name].label, values[name].text.strip() or "–")
            for name in (RECEIVER, RELATION, PROOF, GIVER, DOOR)
            if name in values
        )
        hint = message(f"distribusi.done.{self._to.value}", count=len(self._cards))
        lines = tuple(replace(line, tag=Tag(place_words(self._to), Tone.GOOD)) for line in self.state.lines)
        self._become(replace(self.state, phase=Phase.DONE, hint=hint, lines=lines, facts=facts, problem=None))
        self._dress()

    # --- the bar

    def _dress(self) -> None:
        self._become(replace(self.state, bar=Bar(leave(self.back), self._actions())))

    def _actions(self) -> tuple[Command, ...]:
        mark = self.state.mark
        again = Command("repeat", message("act.repeat"), Action.REPEAT, runs=self.repeat)
        match self.state.phase:
            case Phase.WHO:
                go_on = enter(message("distribusi.to_sign"), self.accept)
                return (
                    (Command("read_card", message("act.card"), Action.CARD, runs=self.read_card), go_on)
                    if self._may_read
                    else (go_on,)
                )
            case Phase.SIGN:
                refused: Message = "" if mark.content else message("distribusi.sign_first")
                thumb = Command("thumb", message("distribusi.thumb"), Action.FINGER, runs=self.thumb)
                scan = Command("scan", message("distribusi.scan"), Action.PHOTO, runs=self.scan)
                return (again, thumb, scan, self._accept("distribusi.keep", refused))
            case Phase.PICTURE:
                if mark.content:
                    return (again, self._accept("distribusi.keep", ""))
                may = mark.is_live or mark.path.strip()
                return (self._accept("distribusi.take", "" if may else message("distribusi.no_picture")),)
            case Phase.DONE:
                is_paper = self._to is Place.PERSON or self._ba is not None
                key = "distribusi.receipt" if self._to is Place.PERSON else "distribusi.open_ba"
                no_ba: Message = "" if is_paper else message("distribusi.no_ba")
                paper = Command("print_paper", message(key), Action.PRINT, refused=no_ba, runs=self.print_paper)
                return (paper, self._accept("distribusi.finish", ""))

    def _accept(self, key: str, refused: Message) -> Command:
        return enter(message(key), self.accept, refused)

    def _refused(self, problem: Problem) -> None:
        self._is_keeping = False
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))


def _line(card: CardCase) -> Line:
    detail = message("distribusi.line", nik=card.masked_nik, registration=card.registration)
    return Line(
        card.thing_id, message(f"distribusi.named.{card.document.value}", name=card.name), detail, tag=place_tag(card)
    )


def _shown(seen: CardSeen) -> CardShown:
    if not seen.is_ktp_el:
        return CardShown(message("kartu.other"), message("distribusi.card_other"), Tone.CAUTION)
    hint = message("distribusi.card_match" if seen.photograph else "distribusi.card_match_blind")
    return CardShown(message("distribusi.card_is_ktp"), hint, Tone.GOOD, seen.photograph or None)
