"""Verifikasi sasaran: the worklist before leaving; SIAK answers by file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import TargetFilter, TargetLine, TargetState, TargetVerdict
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.figures import Cell
from ui.presenters.lists import ALL, Facts, Filter, Head, Hint, Listed, ListScreen, Panel, finding, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone
from ui.presenters.printing import Printing
from ui.presenters.visits.columns import VERDICT_TONES, house, person, verdict_tag, verdict_words

_BEFORE_VISIT = (TargetState.PLANNED, TargetState.POSTPONED, TargetState.CANCELLED)


class VerifyTargets(OfficeList):
    """Judges one or all that are ticked."""

    _needs = (Permission.VERIFY_TARGETS, "cek.not_yours")

    def __init__(
        self, context: AppContext, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str
    ) -> None:
        super().__init__(context, navigator, activity_id)
        self._printing, self._messages, self._verification = printing, messages, context.office.verification

    def screen(self) -> ListScreen[TargetLine]:
        """Return the list; whom nobody has checked stands first."""
        verdicts: tuple[Filter[TargetLine], ...] = Filter.each(TargetVerdict, "verdict_siak.", _verdict, VERDICT_TONES)
        return ListScreen(
            title=message("cek.title"),
            heads=(
                house(lambda t: t.house),
                person(lambda t: t),
                Head(message("common.born"), lambda t: Cell(day_text(t.biodata.birth_date)), 130, _born),
                Head.tagged(message("cek.verdict"), lambda t: verdict_tag(t.verdict), 190, _verdict),
                Head.tagged(message("sasaran.warnings"), self._warning, 190),
            ),
            load=lambda: self._verification.worklist(self._of, TargetFilter()),
            name=lambda target: target.target_id,
            find=finding(partial(self._context.visits.matching, self._of), lambda t: t.target_id),
            reads=frozenset({"targets"}),
            filters=((verdicts[0], ALL, *verdicts[1:]),),
            ticks=lambda target: not self._not_yours and target.state in _BEFORE_VISIT,
            empty=nothing_yet("sasaran.empty"),
            side=self._side,
            commands=self._commands,
            hint=message("sasaran.hint"),
        )

    def _warning(self, target: TargetLine) -> Tag | None:
        return Tag(message("sasaran.check_nik"), Tone.CAUTION) if self._context.visits.findings(target) else None

    def _side(self, listed: Listed[TargetLine]) -> tuple[Panel, ...]:
        target = listed.current
        if target is None:
            return ()
        address = target.biodata.address
        place = message("sasaran.place", rt=address.rt, rw=address.rw, village=address.village)
        home = Facts.known(target.biodata.name, {"common.address": address.street}, place)
        odd = (message(finding.code) for finding in self._context.visits.findings(target)[:1])
        return (home, *(Hint(message("sasaran.check_nik"), words, Tone.CAUTION) for words in odd))

    def _commands(self, listed: Listed[TargetLine]) -> tuple[Command, ...]:
        not_yours, judge, chosen = self._not_yours, self._judge, listed.chosen
        closed: Message = "" if all(t.state in _BEFORE_VISIT for t in chosen) else message("cek.not_open")
        refused = not_yours or ("" if chosen else message("cek.nobody_shown")) or closed
        fine, words = TargetVerdict.TERVERIFIKASI, message("cek.verify", count=max(1, len(chosen)))
        export = Operation(work=self._export, told=lambda where: message("impor.saved", where=where))
        of = {"activity_id": self._of}
        others = (verdict for verdict in TargetVerdict if verdict is not fine)
        return (
            *(Command(v.value, verdict_words(v), None, Weight.PLAIN, refused, judge(chosen, v)) for v in others),
            Command("export", message("cek.export"), Action.NEW, refused=not_yours, runs=export),
            self._opens("read_answer", message("cek.answer"), Action.GROUP, not_yours, "siak_answer", **of),
            enter(words, judge(chosen, fine), refused, "verify"),
        )

    def _judge(self, chosen: Sequence[TargetLine], verdict: TargetVerdict) -> Operation[None]:
        judge, before = self._verification.judge, {target.target_id: target.verdict for target in chosen}
        return Operation(
            work=lambda: judge(self._of, dict.fromkeys(before, verdict)),
            told=lambda _: message("cek.kept", count=len(before)),
            undo=lambda _: Operation(work=lambda: judge(self._of, before), told=lambda _: message("cek.taken_back")),
        )

    def _export(self) -> str:
        return self._printing.save(*self._verification.export(self._of, self._messages))


def _born(target: TargetLine) -> str:
    return str(target.part("birth_date"))  # ISO days sort as text


_verdict: Callable[[TargetLine], TargetVerdict] = attrgetter("verdict")
