"""Sasaran: whom the team visits, in the order of the houses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ServiceCategory, Target, TargetFilter, TargetState
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell
from ui.presenters.lists import ALL, Filter, Head, Hint, Listed, ListScreen, Panel, a_chip_each, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Empty, Tone
from ui.presenters.recording.opening import show_recording
from ui.presenters.visits.columns import address, person, search_text
from ui.presenters.visits.messages import (
    DONE,
    OPEN,
    STATE_TONES,
    category_tag,
    state_tag,
    too_young,
    warning_tags,
    warnings_of,
)

_ALL, _CHOSEN = 1_000_000, "chosen"


class Targets:
    """Finds a person and opens the recording. Without an activity it shows that of the day."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._draft = DraftName("targets", {"activity_id": activity_id})
        self._activity: Activity | None = None  # like what follows once it was read
        self._notes: Mapping[str, TargetNotes] = {}
        self._next = ""  # who was opened last if that is not done, else the next house

    def screen(self) -> ListScreen[Target]:
        """Return the list."""
        states: tuple[Filter[Target], ...] = a_chip_each(TargetState, "target.", lambda t: t.state, STATE_TONES)
        kinds: tuple[Filter[Target], ...] = a_chip_each(ServiceCategory, "category.", lambda t: t.category)
        return ListScreen(
            title=message("sasaran.title"),
            heads=(
                Head(message("sasaran.house"), lambda t: Cell(str(t.house)), 84, lambda t: t.house),
                person(lambda t: t),
                address(lambda t: t),
                Head(message("sasaran.category"), _category, 140, lambda t: t.category.value),
                Head(message("sasaran.state"), lambda t: Cell(tags=(state_tag(t),)), 170, lambda t: t.state.value),
                Head(message("sasaran.warnings"), self._odd, 250),
            ),
            load=self._load,
            name=lambda target: target.target_id,
            text=search_text,
            reads=frozenset({"targets", "record", "session", "activity", TargetNotes.KIND}),
            filters=((ALL, *states), (ALL, *kinds)),
            empty=self._nothing,
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
            where=self._where,
            begins_at=lambda target: target.target_id == self._next,
        )

    def _load(self) -> Sequence[Target]:
        found = self._context.visits.list_of(TargetFilter(), self._of, _ALL)
        self._activity = found.activity
        if found.activity is None:
            return ()
        self._notes = self._context.office.verification.notes_of(found.activity.activity_id)
        draft = self._context.drafts.find(self._draft)
        waiting = [target.target_id for target in found.targets if target.state in OPEN]
        chosen = draft.fields.get(_CHOSEN, "") if draft else ""
        self._next = chosen if chosen in waiting else next(iter(waiting), "")
        return found.targets

    def _where(self, listed: Listed[Target]) -> Message:
        count = len(listed.everything)
        return message("beranda.where", place=self._activity.place, targets=count) if self._activity else ""

    def _nothing(self, listed: Listed[Target]) -> Empty:
        if self._activity is None:
            return Empty(message("beranda.no_activity"), message("beranda.no_activity_hint"))
        return nothing_yet(message("sasaran.empty"), message("sasaran.empty_hint"))(listed)

    def _odd(self, target: Target) -> Cell:
        return Cell(tags=warning_tags(target, self._context))

    def _side(self, listed: Listed[Target]) -> tuple[Panel, ...]:
        """Tell what the team should know before it knocks, safety first."""
        target = listed.current
        if target is None:
            return ()
        notes, told = self._notes.get(target.target_id), list(warnings_of(target, self._context))
        if target.state is TargetState.POSTPONED and target.reason:
            told.append(message(f"end_reason.{target.reason}"))
        if notes is not None:
            noted = {"safety": notes.safety, "access": notes.access, "contact": notes.contact}
            told += [message(f"catatan.told_{name}", words=text) for name, text in noted.items() if text]
            told += [message(f"catatan.legal_{notes.legal}")] if notes.legal else []
        return (Hint(target.biodata.name, tuple(told), Tone.CAUTION),) if told else ()

    def _commands(self, listed: Listed[Target]) -> tuple[Command, ...]:
        target, may, go = listed.current, self._context.user.may, self._navigator.push
        none: Message = "" if target else message("sasaran.choose_first")
        not_yours, at = message("sasaran.not_yours"), target.target_id if target else ""
        no_notes = none or ("" if may(Permission.VERIFY_TARGETS) else not_yours)
        refused = none or ("" if may(Permission.RECORD) else not_yours)
        refused = refused or (too_young(target, self._context) if target else "")
        write = partial(go, "target_notes", activity_id=target.activity_id if target else "", target_id=at)
        check, queue = partial(go, "card_check", target_id=at), partial(go, "queue")
        is_done = target is not None and target.state in DONE
        record = Operation(work=partial(self._open, at), done=partial(show_recording, self._navigator))
        return (
            *((Command("show_queue", message("sasaran.show_queue"), runs=queue),) if is_done else ()),
            Command("write_notes", message("sasaran.notes"), Action.PERSON_NOTES, refused=no_notes, runs=write),
            Command("check_card", message("act.card"), Action.CARD, refused=none, runs=check),
            Command("accept", message("sasaran.record"), Action.ACCEPT, Weight.PRIMARY, refused, record),
        )

    def _open(self, target_id: str) -> CaptureSession:
        self._context.drafts.keep(self._draft, {_CHOSEN: target_id})
        return self._context.recording.open(target_id)


def _category(target: Target) -> Cell:
    return Cell(tags=(category_tag(target.category),))
