"""Sasaran: whom the team visits, in the order of the houses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ServiceCategory, TargetFilter, TargetLine, TargetState
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell, tagged
from ui.presenters.letters.official_form import forms_command
from ui.presenters.lists import ALL, Filter, Head, Hint, Listed, ListScreen, Panel, a_chip_each, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Empty, Tone
from ui.presenters.recording.opening import show_recording
from ui.presenters.visits.columns import address, finding, person
from ui.presenters.visits.messages import (
    DONE,
    OPEN,
    STATE_TONES,
    category_tag,
    state_tag,
    told_before,
    too_young,
    warning_tags,
    where_words,
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

    def screen(self) -> ListScreen[TargetLine]:
        """Return the list."""
        states: tuple[Filter[TargetLine], ...] = a_chip_each(TargetState, "target.", lambda t: t.state, STATE_TONES)
        kinds: tuple[Filter[TargetLine], ...] = a_chip_each(ServiceCategory, "category.", lambda t: t.category)
        return ListScreen(
            title=message("sasaran.title"),
            heads=(
                Head(message("sasaran.house"), lambda t: Cell(str(t.house)), 84, lambda t: t.house),
                person(lambda t: t),
                address(lambda t: t),
                Head(
                    message("sasaran.category"), lambda t: tagged(category_tag(t.category)), 140, lambda t: t.category
                ),
                Head(message("sasaran.state"), lambda t: tagged(state_tag(t)), 170, lambda t: t.state),
                Head(message("sasaran.warnings"), lambda t: tagged(*warning_tags(t, self._context)), 250),
            ),
            load=self._load,
            name=lambda target: target.target_id,
            find=finding(self._matching, lambda t: t),
            reads=frozenset({"targets", "record", "session", "activity", TargetNotes.KIND}),
            filters=((ALL, *states), (ALL, *kinds)),
            empty=self._nothing,
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
            where=lambda listed: where_words(self._activity, len(listed.everything)),
            begins_at=lambda target: target.target_id == self._next,
        )

    def _load(self) -> Sequence[TargetLine]:
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

    def _matching(self, text: str) -> frozenset[str]:
        return self._context.visits.matching(self._activity.activity_id, text) if self._activity else frozenset()

    def _nothing(self, listed: Listed[TargetLine]) -> Empty:
        if self._activity is None:
            return Empty(message("beranda.no_activity"), message("beranda.no_activity_hint"))
        return nothing_yet(message("sasaran.empty"), message("sasaran.empty_hint"))(listed)

    def _side(self, listed: Listed[TargetLine]) -> tuple[Panel, ...]:
        target = listed.current
        told = told_before(target, self._notes.get(target.target_id), self._context) if target else ()
        return (Hint(target.biodata.name, told, Tone.CAUTION),) if target and told else ()

    def _commands(self, listed: Listed[TargetLine]) -> tuple[Command, ...]:
        target, may, opens = listed.current, self._context.user.may, partial(opening, self._navigator)
        none: Message = "" if target else message("sasaran.choose_first")
        not_yours, at = message("sasaran.not_yours"), target.target_id if target else ""
        no_notes = none or ("" if may(Permission.VERIFY_TARGETS) else not_yours)
        refused = none or ("" if may(Permission.RECORD) else not_yours)
        refused = refused or (too_young(target, self._context) if target else "")
        of = {"activity_id": target.activity_id if target else "", "target_id": at}
        queue = opens("show_queue", message("sasaran.show_queue"), None, "", "queue")
        record = Operation(work=partial(self._open, at), done=partial(show_recording, self._navigator))
        return (
            *((queue,) if target and target.state in DONE else ()),
            opens("write_notes", message("sasaran.notes"), Action.PERSON_NOTES, no_notes, "target_notes", **of),
            forms_command(self._context, self._navigator, at, Weight.SECOND, none),
            opens("check_card", message("act.card"), Action.CARD, none, "card_check", target_id=at),
            Command("accept", message("sasaran.record"), Action.ACCEPT, Weight.PRIMARY, refused, record),
        )

    def _open(self, target_id: str) -> CaptureSession:
        self._context.drafts.keep(self._draft, {_CHOSEN: target_id})
        return self._context.recording.open(target_id)
