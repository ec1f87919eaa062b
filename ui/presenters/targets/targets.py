"""Sasaran: whom the team visits, in the order of the houses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import ServiceCategory, TargetLine, TargetState
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.figures import tagged
from ui.presenters.letters.official_form import forms_command
from ui.presenters.lists import ALL, Filter, Head, Hint, Listed, ListScreen, Panel, finding
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Empty, Tone
from ui.presenters.recording.opening import show_recording
from ui.presenters.visits.columns import FieldList, address, house, person
from ui.presenters.visits.messages import (
    DONE,
    OPEN,
    STATE_TONES,
    category_tag,
    state_tag,
    told_before,
    too_young,
    warning_tags,
)

_CHOSEN = "chosen"


class Targets(FieldList):
    """Finds a person and opens the recording."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(context, navigator, activity_id)
        self._draft = DraftName("targets", {"activity_id": activity_id})
        self._notes: Mapping[str, TargetNotes] = {}  # like what follows once it was read
        self._next = ""  # who was opened last if that is not done, else the next house

    def screen(self) -> ListScreen[TargetLine]:
        """Return the list."""
        states: tuple[Filter[TargetLine], ...] = Filter.each(TargetState, "target.", attrgetter("state"), STATE_TONES)
        kinds: tuple[Filter[TargetLine], ...] = Filter.each(ServiceCategory, "category.", attrgetter("category"))
        return ListScreen(
            title=message("common.targets"),
            heads=(
                house(lambda t: t.house),
                person(lambda t: t),
                address(lambda t: t),
                Head.tagged(message("sasaran.category"), lambda t: category_tag(t.category), 140, lambda t: t.category),
                Head.tagged(message("common.state"), state_tag, 170, lambda t: t.state),
                Head(message("sasaran.warnings"), lambda t: tagged(*warning_tags(t, self._context)), 250),
            ),
            load=self._load,
            name=lambda target: target.target_id,
            find=finding(self._matching, lambda t: t.target_id),
            reads=frozenset({"targets", "record", "session", "activity", TargetNotes.KIND}),
            filters=((ALL, *states), (ALL, *kinds)),
            empty=self._nothing,
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
            where=self._where,
            begins_at=lambda target: target.target_id == self._next,
        )

    def _load(self) -> Sequence[TargetLine]:
        found = self._found(None)
        if found.activity is None:
            return ()
        self._notes = self._office.verification.notes_of(found.activity.activity_id)
        draft = self._context.drafts.find(self._draft)
        waiting = [target.target_id for target in found.targets if target.state in OPEN]
        chosen = draft.fields.get(_CHOSEN, "") if draft else ""
        self._next = chosen if chosen in waiting else next(iter(waiting), "")
        return found.targets

    def _side(self, listed: Listed[TargetLine]) -> tuple[Panel, ...]:
        target = listed.current
        told = told_before(target, self._notes.get(target.target_id), self._context) if target else ()
        return (Hint(target.biodata.name, told, Tone.CAUTION),) if target and told else ()

    def _commands(self, listed: Listed[TargetLine]) -> tuple[Command, ...]:
        target, opens, at = listed.current, self._opens, listed.current.target_id if listed.current else ""
        none: Message = "" if target else message("common.choose_person")
        young: Message = too_young(target, self._context) if target else ""
        no_notes = none or self._refusal(Permission.VERIFY_TARGETS, "sasaran.not_yours")
        refused = none or self._refusal(Permission.RECORD, "sasaran.not_yours") or young
        of = {"activity_id": self._at, "target_id": at}
        queue = opens("show_queue", message("sasaran.show_queue"), None, "", "queue")
        record = Operation(work=partial(self._open, at), done=partial(show_recording, self._navigator))
        return (
            *((queue,) if target and target.state in DONE else ()),
            self._import(),
            opens("write_notes", message("common.notes"), Action.PERSON_NOTES, no_notes, "target_notes", **of),
            forms_command(self._context, self._navigator, at, Weight.SECOND, none),
            opens("check_card", message("act.card"), Action.CARD, none, "card_check", target_id=at),
            enter(message("common.record"), record, refused),
        )

    def _nothing(self, listed: Listed[TargetLine]) -> Empty:
        if listed.everything or self._activity is None:
            return super()._nothing(listed)
        take = replace(self._import(), weight=Weight.PRIMARY)
        return Empty.of("sasaran.empty", None if take.refused else take)

    def _import(self) -> Command:
        """Return the way to a list from a file: also an activity without an SOP has no other."""
        refused = self._no_day or self._refusal(Permission.REGISTER, "sasaran.not_yours")
        words, of = message("langkah.to_import_targets"), {"activity_id": self._at}
        return self._opens("import_targets", words, Action.HAND_IN, refused, "import_targets", **of)

    def _open(self, target_id: str) -> CaptureSession:
        self._context.drafts.hold(self._draft, {_CHOSEN: target_id})
        return self._context.recording.open(target_id)
