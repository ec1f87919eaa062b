"""Verifikasi sasaran: the worklist before leaving; SIAK answers by file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import TargetFilter, TargetLine, TargetState, TargetVerdict
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell, tagged
from ui.presenters.lists import ALL, Facts, Filter, Head, Hint, Listed, ListScreen, Panel, a_chip_each, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Tag, Tone
from ui.presenters.printing import Printing
from ui.presenters.visits.columns import VERDICT_TONES, finding, person, verdict_tag, verdict_words

_BEFORE_VISIT = (TargetState.PLANNED, TargetState.POSTPONED, TargetState.CANCELLED)


class VerifyTargets:
    """Judges one or all that are ticked."""

    def __init__(
        self, context: AppContext, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str
    ) -> None:
        self._context, self._navigator, self._printing = context, navigator, printing
        self._messages, self._of = messages, activity_id
        self._verification = context.office.verification
        self._may = context.user.may(Permission.VERIFY_TARGETS)

    def screen(self) -> ListScreen[TargetLine]:
        """Return the list; whom nobody has checked stands first."""
        verdicts: tuple[Filter[TargetLine], ...] = a_chip_each(TargetVerdict, "verdict_siak.", _verdict, VERDICT_TONES)
        return ListScreen(
            title=message("cek.title"),
            heads=(
                Head(message("sasaran.house"), lambda t: Cell(str(t.house)), 80, lambda t: t.house),
                person(lambda t: t),
                Head(message("impor.born"), lambda t: Cell(day_text(t.biodata.birth_date)), 130, _born),
                Head(message("cek.verdict"), lambda t: tagged(verdict_tag(t.verdict)), 190, _verdict),
                Head(message("sasaran.warnings"), self._warning, 190),
            ),
            load=lambda: self._verification.worklist(self._of, TargetFilter()),
            name=lambda target: target.target_id,
            find=finding(partial(self._context.visits.matching, self._of), lambda t: t),
            reads=frozenset({"targets"}),
            filters=((verdicts[0], ALL, *verdicts[1:]),),
            ticks=lambda target: self._may and target.state in _BEFORE_VISIT,
            empty=nothing_yet(message("sasaran.empty"), message("sasaran.empty_hint")),
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
        )

    def _warning(self, target: TargetLine) -> Cell:
        is_odd = bool(self._context.visits.findings(target))
        return tagged(Tag(message("sasaran.check_nik"), Tone.CAUTION) if is_odd else None)

    def _side(self, listed: Listed[TargetLine]) -> tuple[Panel, ...]:
        target = listed.current
        if target is None:
            return ()
        address = target.biodata.address
        place = message("sasaran.place", rt=address.rt, rw=address.rw, village=address.village)
        facts = Facts(target.biodata.name, ((message("sasaran.address"), address.street),), place)
        odd = (message(finding.code) for finding in self._context.visits.findings(target)[:1])
        return (facts, *(Hint(message("sasaran.check_nik"), words, Tone.CAUTION) for words in odd))

    def _commands(self, listed: Listed[TargetLine]) -> tuple[Command, ...]:
        not_yours: Message = "" if self._may else message("cek.not_yours")
        closed: Message = "" if all(t.state in _BEFORE_VISIT for t in listed.chosen) else message("cek.not_open")
        refused = not_yours or ("" if listed.chosen else message("cek.nobody_shown")) or closed
        judge, chosen = self._judge, listed.chosen
        fine, words = TargetVerdict.TERVERIFIKASI, message("cek.verify", count=max(1, len(chosen)))
        export = Operation(work=self._export, told=lambda where: message("impor.saved", where=where))
        answer = partial(self._navigator.push, "siak_answer", activity_id=self._of)
        return (
            *(
                Command(v.value, verdict_words(v), None, Weight.PLAIN, refused, judge(chosen, v))
                for v in TargetVerdict
                if v is not fine
            ),
            Command("export", message("cek.export"), Action.NEW, refused=not_yours, runs=export),
            Command("read_answer", message("cek.answer"), Action.GROUP, refused=not_yours, runs=answer),
            Command(
                "verify", words, Action.ACCEPT, Weight.PRIMARY, refused, judge(chosen, TargetVerdict.TERVERIFIKASI)
            ),
        )

    def _judge(self, chosen: Sequence[TargetLine], verdict: TargetVerdict) -> Operation[None]:
        before = {target.target_id: target.verdict for target in chosen}
        return Operation(
            work=partial(self._keep, dict.fromkeys(before, verdict)),
            told=lambda _: message("cek.kept", count=len(before)),
            undo=lambda _: Operation(work=partial(self._keep, before), told=lambda _: message("cek.taken_back")),
        )

    def _keep(self, verdicts: Mapping[str, TargetVerdict]) -> None:
        for verdict in TargetVerdict:
            if ids := [target_id for target_id, wanted in verdicts.items() if wanted is verdict]:
                self._verification.judge(self._of, ids, verdict)

    def _export(self) -> str:
        return self._printing.save(*self._verification.export(self._of, self._messages))


def _born(target: TargetLine) -> str:
    return str(target.part("birth_date"))  # ISO days sort as text


def _verdict(target: TargetLine) -> TargetVerdict:
    return target.verdict
