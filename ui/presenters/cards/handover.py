"""Serah terima: who takes documents, what proves it, and the receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any

from fieldkit.domain.cards.card import CardCase, Document, MarkKind, Place, ways_on
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people import Permission
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.typed import DraftName
from fieldkit.ports.devices import DeviceKind, PreviewSink, Signature, SignaturePad, StrokeSink
from fieldkit.services.cards.hand_over import Received
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices import MOST_PX, PAPER_PX
from fieldkit.services.recording.capture import Captured
from fieldkit.services.recording.run_session import CardSeen
from fieldkit.services.sop.run_sop import UNREADABLE, evidence_of
from ui.presenters.cancellable_task import CancellableTask
from ui.presenters.cards.distribution import place_tag
from ui.presenters.form import DraftedPresenter, Drafting, FormField, Left, texts_of
from ui.presenters.parts import Bar, Choice, Empty, Stage, Tag, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, enter, message
from ui.presenters.readers import read_file
from ui.presenters.recording.panels import CardShown
from ui.presenters.tasks import COMPUTE, STORE, Tasks, device_executor
from ui.presenters.viewfinder import Sight, Viewfinder
from ui.presenters.wording import Line

# What is asked when documents are handed over: to whom, who it is, what proves it.

YES, NO = "yes", "no"
TO, RECEIVER, RELATION, PROOF, SHOWN, OLD = "to", "receiver", "relation", "proof", "shows_ktp", "old_card"
GIVER, DOOR, PHOTO = "giver", "door", "photo"  # of a courier at the door
_OFFICES = (Place.KECAMATAN, Place.DESA)
OWNER = "diri sendiri"


def propose(cards: Sequence[CardCase], to: Place, ba: Letter | None) -> tuple[FormField, ...]:
    """Return the fields, filled with what is known: the owner, or the second party of the BA serah terima."""
    receiver = relation = proof = ""
    if to is Place.PERSON:
        receiver, relation = cards[0].name, OWNER
    elif ba is not None:
        second = ba.fields.get("second") or {}
        receiver, relation = str(second.get("name", "")), str(second.get("jabatan", ""))
        proof = ba.number or ba.provisional
    elif to is Place.COURIER:
        relation = "kurir"
    places = (Place.COURIER,) if to is Place.COURIER else ways_on(cards)
    choices = Choice.each((place.value for place in places), "distribusi.place.")
    kind = "office" if to in _OFFICES else to.value
    fields = [
        FormField(RECEIVER, message(f"distribusi.receiver.{kind}"), receiver),
        FormField(
            RELATION, message(f"distribusi.relation.{kind}"), relation, message(f"distribusi.relation_hint.{kind}")
        ),
        FormField(PROOF, message(f"distribusi.proof.{kind}"), proof, message(f"distribusi.proof_hint.{kind}")),
    ]
    if len(choices) > 1:
        fields.insert(0, FormField(TO, message("distribusi.to"), to.value, choices=choices))
    if to is Place.PERSON and cards[0].place is Place.COURIER:
        taken = cards[0].courier.taken if cards[0].courier else None
        hint = message("distribusi.door_photo_hint")
        fields += [
            FormField(GIVER, message("distribusi.giver"), taken.receiver if taken else ""),
            FormField(DOOR, message("distribusi.door"), cards[0].village, message("distribusi.door_hint")),
            FormField(PHOTO, message("distribusi.door_photo"), hint=hint, is_file=True),
        ]
    if to is Place.PERSON and cards[0].asks_for_ktp:
        yes_no = (Choice(YES, message("common.yes")), Choice(NO, message("distribusi.not_yet")))
        fields.append(FormField(SHOWN, message("distribusi.shows_ktp"), NO, choices=yes_no))
    if to is Place.PERSON and cards[0].document is Document.KTP_EL:
        has_old = (Choice(NO, message("distribusi.no_old")), Choice(YES, message("distribusi.old_taken")))
        fields.append(FormField(OLD, message("distribusi.old_card"), NO, choices=has_old))
    return tuple(fields)


def received(fields: Sequence[FormField], kind: MarkKind, mark: bytes, seen: CardSeen | None) -> Received:
    """Return what was filled in as the service takes it."""
    values = texts_of(fields)
    return Received(
        values[RECEIVER],
        values[RELATION],
        values[PROOF],
        kind,
        mark,
        is_card_read=seen is not None,
        shows_ktp=values.get(SHOWN) == YES,
        card_uid=seen.uid_digest if seen is not None else "",
        place=values.get(DOOR, ""),
        giver=values.get(GIVER, ""),
        gives_old=values.get(OLD) == YES,
    )


def door_photo(context: AppContext, fields: Sequence[FormField]) -> bytes:
    """Return the photo of a handover at the door, b"" where none was named. Raise `InputError`. Blocks."""
    path = texts_of(fields).get(PHOTO, "")
    return context.pictures.photo(read_file(path)[1], PAPER_PX) if path.strip() else b""


# What proves that somebody took a document: a signature on the pad, or the picture of a thumb mark or signed paper.

_PAD = device_executor(DeviceKind.SIGNATURE_PAD.value)


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark as far as it is there. `content` is what is kept: PNG, JPEG or PDF."""

    kind: MarkKind = MarkKind.SIGNATURE
    content: bytes = b""
    ink: Signature | None = None
    name: str = ""  # of the file it came from
    path: str = ""  # as typed
    is_live: bool = False  # the camera shows something
    away: Message = ""  # why pad or camera give nothing
    problem: Problem | None = None


NO_MARK = Mark()


@dataclass(frozen=True, slots=True)
class Sinks:
    """Where ink and frames are shown; `screen` takes signatures while no pad is there."""

    ink: StrokeSink
    frames: PreviewSink
    screen: SignaturePad | None = None


class MarkTaking:
    """Drives pad and camera. `changed` gets each new state of the mark."""

    def __init__(self, context: AppContext, tasks: Tasks, sinks: Sinks, changed: Callable[[Mark], None]) -> None:
        self._context, self._tasks, self._sinks, self._changed = context, tasks, sinks, changed
        self._task = CancellableTask(tasks)
        self._camera: Viewfinder | None = None
        self._turn = 0  # what was begun before the last change of mind comes too late
        self.mark = NO_MARK

    def sign(self) -> None:
        """Wait for a signature."""
        self.release()
        self._tell(NO_MARK)
        capture, sinks = self._context.capture, self._sinks
        self._task.run(
            _PAD,
            lambda cancel: capture.sign(StepKind.SIGNATURE, sinks.ink, cancel, sinks.screen),
            self._signed,
            lambda problem: self._tell(replace(self.mark, away=problem, problem=problem)),
        )

    def sign_here(self) -> None:
        """Somebody began to sign on the screen."""
        screen, capture, ink = self._sinks.screen, self._context.capture, self._sinks.ink
        if screen is None or self.mark.content or self.mark.kind is not MarkKind.SIGNATURE:
            return
        self._task.run(
            _PAD,
            lambda cancel: capture.sign_on(screen, StepKind.SIGNATURE, ink, cancel),
            self._signed,
            lambda _: self.sign(),
        )

    def picture(self, kind: MarkKind) -> None:
        """Show what the camera sees, to photograph a thumb mark or a signed paper."""
        self.release()
        self._tell(Mark(kind, path=self.mark.path))
        most_px = PAPER_PX if kind is MarkKind.SCAN else MOST_PX
        self._camera = Viewfinder(self._context, self._tasks, lambda: self._sinks.frames, self._seen, most_px)
        self._camera.look()

    def again(self) -> None:
        """Take the mark once more, the same way."""
        if self.mark.kind is MarkKind.SIGNATURE:
            self.sign()
        else:
            self.picture(self.mark.kind)

    def type(self, path: str) -> None:
        """Take a keystroke of the path of a file."""
        self._tell(replace(self.mark, path=path, problem=None))

    def take(self) -> None:
        """Take what the camera shows, or the file whose path was typed."""
        path, pictures = self.mark.path.strip(), self._context.pictures
        if path:

            def read() -> Mark:
                file = evidence_of(*read_file(path, UNREADABLE), pictures)
                return replace(self.mark, content=file.content, name=file.name, is_live=False, problem=None)

            self._compute(read)
        elif self._camera is not None and self.mark.is_live:
            self._camera.take()

    def release(self) -> None:
        """Let go of pad and camera."""
        self._task.release()
        self._turn += 1
        if self._camera is not None:
            self._camera.release()
            self._camera = None

    def _signed(self, captured: Captured) -> None:
        sample, signatures = captured.result.samples[0], self._context.signatures

        def draw() -> Mark:
            ink = signatures.from_sample(sample)
            return Mark(MarkKind.SIGNATURE, signatures.to_png(ink), ink)

        self._compute(draw)

    def _compute(self, make: Callable[[], Mark]) -> None:
        turn = self._turn

        def done(mark: Mark) -> None:
            if turn == self._turn:
                self._taken(mark)

        self._tasks.run(COMPUTE, make, done, self._refused)

    def _seen(self, sight: Sight) -> None:
        if sight.jpeg:
            self._taken(replace(self.mark, content=sight.jpeg, is_live=False, problem=None))
        else:
            self._tell(replace(self.mark, is_live=sight.is_live, away=sight.away))

    def _taken(self, mark: Mark) -> None:
        self.release()
        self._tell(mark)

    def _refused(self, problem: Problem) -> None:
        self._tell(replace(self.mark, problem=problem))

    def _tell(self, mark: Mark) -> None:
        self.mark = mark
        self._changed(mark)


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


class HandoverPresenter(DraftedPresenter[HandoverState]):
    """Hands over documents of one batch, or one document to its person.

    `to` is the place that is proposed; "courier" asks for the courier's own receipt.
    """

    def __init__(
        self, context: AppContext, tasks: Tasks, navigator: Navigator, card_ids: Sequence[str], to: str, sinks: Sinks
    ) -> None:
        about = {"card_ids": " ".join(card_ids), "to": to}
        drafting = Drafting(context, tasks, DraftName("handover", about))
        super().__init__(HandoverState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._navigator, self._ids, self._wanted = context, navigator, tuple(card_ids), to
        self._handover = context.office.handover
        self._cards: Sequence[CardCase] = ()
        self._ba: Letter | None = None
        self._task = CancellableTask(tasks)
        self._marks = MarkTaking(context, tasks, sinks, self._marked)
        self._seen: CardSeen | None = None

    # --- reading

    def start(self) -> None:
        """Read the documents; what was typed stays when the screen comes back."""
        if self.state.stage in (Stage.LOADING, Stage.ERROR):
            self._tasks.run(STORE, self._load, self._loaded, self._failed)
        elif self.state.phase in (Phase.SIGN, Phase.PICTURE) and not self.state.mark.content:
            self._marks.again()

    def stop(self) -> None:
        """Keep what was typed; let go of reader, pad and camera."""
        self.settle()
        self._task.release()
        self._marks.release()

    def _load(self) -> tuple[Sequence[CardCase], Letter | None, Left | None]:
        cards = [self._handover.get(card_id) for card_id in self._ids]
        return cards, self._handover.ba_of(self._ids) if self._ids else None, self._drafting.read()

    def _loaded(self, found: tuple[Sequence[CardCase], Letter | None, Left | None]) -> None:
        self._cards, self._ba, left = found
        may = self._context.user.may(Permission.HAND_OVER)
        if not self._places or not may:
            empty = Empty.of(f"distribusi.handover_{'nothing' if may else 'not_yours'}")
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(leave(self.back))))
            return
        lines = tuple(_line(card) for card in self._cards)
        wanted = next((place for place in self._places if place.value == self._wanted), self._places[-1])
        title = message("distribusi.handover_title", count=len(lines))
        self._show_with(stage=Stage.CONTENT, title=title, lines=lines, retry=None, fields=self._proposed(wanted))
        self._restore(left)

    @property
    def _places(self) -> tuple[Place, ...]:
        return (Place.COURIER,) if self._wanted == Place.COURIER else ways_on(self._cards)

    @property
    def _to(self) -> Place:
        chosen = texts_of(self.state.fields).get(TO)
        return Place(chosen) if chosen else self._places[-1]

    def _proposed(self, to: Place) -> tuple[FormField, ...]:
        return propose(self._cards, to, self._ba)

    # --- who takes it

    def typed(self) -> Mapping[str, str]:
        """Return what stands otherwise than proposed, with where it goes; a signature is never a draft."""
        if self.state.phase is Phase.DONE or not self._cards:
            return {}
        proposed = texts_of(self._proposed(self._to))
        texts = texts_of(self.state.fields).items()
        found = {name: text for name, text in texts if text != proposed.get(name, "")}
        return {**found, TO: self._to.value} if found else {}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the form as it is proposed, but for these fields."""
        to = next((place for place in self._places if place.value == fields.get(TO)), self._to)
        shown = (replace(each, text=fields.get(each.name, each.text)) for each in self._proposed(to))
        self._show_with(phase=Phase.WHO, problem=None, fields=tuple(shown))

    def type(self, name: str, text: str) -> None:
        """Take a keystroke."""
        fields = (replace(each, text=text) if each.name == name else each for each in self.state.fields)
        self._show_with(fields=tuple(fields), problem=None)
        self._edited()

    def choose(self, name: str, choice: str) -> None:
        """Choose where it goes, whether a KTP-el was shown, whether the old one was taken in."""
        if name == TO and choice != self._to:
            self.fill({TO: choice})
        elif name in (SHOWN, OLD):
            self.type(name, choice)

    def _read_card(self) -> None:
        """Wait for the new card on the reader."""
        self._become(replace(self.state, card=_WAITING, problem=None))
        self._task.run(_READER, self._context.cards.read, self._card_seen, self._card_unread)

    def _card_seen(self, seen: CardSeen) -> None:
        self._seen = seen if seen.is_ktp_el else None
        self._become(replace(self.state, card=_shown(seen)))

    def _card_unread(self, problem: Problem) -> None:
        self._become(replace(self.state, card=None, problem=problem))

    # --- what proves it

    def _picture(self, kind: MarkKind) -> None:
        """Photograph a thumb mark; photograph, or take from a file, a receipt that was signed elsewhere."""
        self._become(replace(self.state, phase=Phase.PICTURE))
        self._marks.picture(kind)

    def sign_here(self) -> None:
        """Somebody began to sign on the screen."""
        if self.state.phase is Phase.SIGN:
            self._marks.sign_here()

    def type_path(self, path: str) -> None:
        """Take a keystroke of the path of a file."""
        self._marks.type(path)

    def _marked(self, mark: Mark) -> None:
        self._show_with(mark=mark, problem=mark.problem)

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
            self._show_with(phase=Phase.WHO, problem=None)
        else:
            self._navigator.back()

    def _go_on(self) -> None:
        texts = texts_of(self.state.fields)
        lacks = next((name for name in (RECEIVER, RELATION) if not texts[name].strip()), None)
        if lacks is not None:
            self._become(replace(self.state, problem=Problem(f"card.no_{lacks}")))
        elif texts.get(SHOWN, YES) != YES:
            self._become(replace(self.state, problem=Problem("card.show_ktp", {"name": self._cards[0].name})))
        else:
            self._task.release()
            self._begin_signing()

    def _begin_signing(self) -> None:
        self._become(replace(self.state, phase=Phase.SIGN))
        self._marks.sign()

    def _keep(self) -> None:
        mark, to, courier, fields = self.state.mark, self._to, self._context.office.courier, self.state.fields
        if not mark.content:
            return
        taken = received(fields, mark.kind, mark.content, self._seen if to is Place.PERSON else None)

        def keep() -> None:
            match to:
                case Place.COURIER:
                    courier.give(self._ids, taken)
                case Place.PERSON if self._cards[0].place is Place.COURIER:
                    courier.deliver(self._ids[0], replace(taken, photo=door_photo(self._context, fields)))
                case Place.PERSON:
                    self._handover.receive(self._ids[0], taken)
                case _:
                    self._handover.hand_on_signed(self._ids, to, taken)

        self._keep_typed(Operation(work=keep, done=lambda _: self._kept()))

    def _kept(self) -> None:
        self._marks.release()
        values = {field.name: field for field in self.state.fields}
        facts = tuple(
            (values[name].label, values[name].text.strip() or "–")
            for name in (RECEIVER, RELATION, PROOF, GIVER, DOOR)
            if name in values
        )
        there = Tag(message(f"distribusi.place.{self._to.value}"), Tone.GOOD)
        lines = tuple(replace(line, tag=there) for line in self.state.lines)
        self._show_with(phase=Phase.DONE, lines=lines, facts=facts, problem=None)

    # --- what is asked, and the bar

    def _show_with(self, **changes: Any) -> None:
        """Show what changed, and the hint and the bar that go with it."""
        self._become(replace(self.state, **changes))
        take = Command("take", message("act.capture"), Action.CAPTURE, runs=self.accept)  # Space, as while recording
        keyed = (take,) if self.state.phase is Phase.PICTURE else ()
        self._become(replace(self.state, hint=self._hint, bar=Bar(leave(self.back), self._actions()), keyed=keyed))

    @property
    def _hint(self) -> Message:
        to, count = self._to.value, len(self._cards)
        match self.state.phase:
            case Phase.WHO:
                return message(f"distribusi.who_hint.{to}")
            case Phase.SIGN:
                receiver = texts_of(self.state.fields)[RECEIVER].strip()
                return message("distribusi.sign_hint", receiver=receiver, count=count)
            case Phase.PICTURE:
                return message(f"distribusi.picture_hint.{self.state.mark.kind.value}")
            case Phase.DONE:
                return message(f"distribusi.done.{to}", count=count)

    def _actions(self) -> tuple[Command, ...]:
        mark = self.state.mark
        again = Command("repeat", message("common.repeat"), Action.REPEAT, runs=self._marks.again)
        match self.state.phase:
            case Phase.WHO:
                go_on = enter(message("common.to_sign"), self.accept)
                if self._to is not Place.PERSON or self._cards[0].document is not Document.KTP_EL:
                    return (go_on,)
                return (Command("read_card", message("act.card"), Action.CARD, runs=self._read_card), go_on)
            case Phase.SIGN:
                refused: Message = "" if mark.content else message("distribusi.sign_first")
                by_thumb, by_scan = (partial(self._picture, kind) for kind in (MarkKind.THUMB, MarkKind.SCAN))
                thumb = Command("thumb", message("distribusi.thumb"), Action.FINGER, runs=by_thumb)
                scan = Command("scan", message("distribusi.scan"), Action.PHOTO, runs=by_scan)
                return (again, thumb, scan, enter(message("common.hand_over"), self.accept, refused))
            case Phase.PICTURE:
                if mark.content:
                    return (again, enter(message("common.hand_over"), self.accept))
                may = mark.is_live or mark.path.strip()
                return (
                    enter(message("distribusi.take"), self.accept, "" if may else message("distribusi.no_picture")),
                )
            case Phase.DONE:
                return (self._paper(), enter(message("distribusi.finish"), self.accept))

    def _paper(self) -> Command:
        """Return what opens the tanda terima of one person, or the BA serah terima of a batch."""
        if self._to is Place.PERSON:
            words = message("common.receipt")
            slip = Operation(work=lambda: self._handover.slip(self._ids[0]), done=self._open_letter)
            return Command("print_paper", words, Action.PRINT, runs=slip)
        ba, words = self._ba, message("distribusi.open_ba")
        if ba is None:
            return Command("print_paper", words, Action.PRINT, refused=message("distribusi.no_ba"))
        return Command("print_paper", words, Action.PRINT, runs=partial(self._open_letter, ba))

    def _open_letter(self, letter: Letter) -> None:
        self._navigator.push("letter", letter_id=letter.thing_id)


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
