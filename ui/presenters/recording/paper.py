"""A paper on the screen: the proof slip after a seal, the berita acara of a delivery. Print it or keep it as PDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.letters.print_papers import Paper
from ui.presenters.actions import Action
from ui.presenters.amounts import moment_text, size_words
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.printing import Printing, keep, print_or_keep
from ui.presenters.tasks import COMPUTE, Tasks
from ui.presenters.ways_out import leave


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperState(ViewState):
    """The page that is shown, what it is about, and the papers to choose from."""

    title: Message = ""
    tag: Tag | None = None
    facts: tuple[tuple[Message, Message], ...] = ()
    note: Message = ""
    papers: tuple[Choice, ...] = ()
    chosen: str = ""
    pages: tuple[bytes, ...] = ()  # PNG


class PaperPresenter(OperatingPresenter[PaperState]):
    """Shows papers and prints or keeps the chosen one. A subclass says where they come from."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, printing: Printing) -> None:
        super().__init__(PaperState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator, self._printing = context, navigator, printing
        self._papers: dict[str, Paper] = {}
        self._name = ""  # of a kept file, before the letter's own

    def show_papers(self, papers: Sequence[Paper], **about: Any) -> None:
        """Show the first of these papers, and what they are about."""
        self._papers = {paper.letter: paper for paper in papers}
        choices = Choice.each(self._papers, "letter.")
        self._become(replace(self.state, stage=Stage.CONTENT, papers=choices, **about))
        if papers:
            self.choose(papers[0].letter)

    def choose(self, letter: str) -> None:
        """Show another of the papers."""
        self._become(replace(self.state, chosen=letter, pages=self._papers[letter].pages))

    def print(self) -> None:
        """Print the shown paper; without a printer keep it as PDF and say where."""
        self._bring_out(lambda paper: print_or_keep(self._printing, self._file_of(paper), paper.pdf, paper.pages))

    def print_receipt(self) -> None:
        """Print the short form on the receipt printer."""
        receipt = next((paper.receipt for paper in self._papers.values() if paper.receipt), None)
        if receipt is None:
            return

        def print_now() -> Message:
            self._printing.print_receipt(receipt)
            return message("paper.printed", printer=self._printing.receipt_printer())

        self._operate(Operation(work=print_now, told=lambda words: words, executor=COMPUTE))

    def save(self) -> None:
        """Keep the shown paper as PDF and say where."""
        self._bring_out(lambda paper: keep(self._printing, self._file_of(paper), paper.pdf))

    def _bring_out(self, bring_out: Callable[[Paper], Message]) -> None:
        paper = self._papers.get(self.state.chosen)
        if paper is not None:
            self._operate(Operation(work=lambda: bring_out(paper), told=lambda words: words, executor=COMPUTE))

    def _file_of(self, paper: Paper) -> str:
        return f"{paper.letter}-{self._name}"

    def _keeping(self) -> tuple[Command, Command]:
        save = Command("save", message("paper.save"), runs=self.save)
        return save, Command("print", message("common.print"), Action.PRINT, runs=self.print)


class SlipPresenter(PaperPresenter):
    """What stands there right after a seal: the proof for the resident, and the way to the next one."""

    def __init__(
        self, context: AppContext, tasks: Tasks, navigator: Navigator, printing: Printing, record_id: str
    ) -> None:
        super().__init__(context, tasks, navigator, printing)
        self._name = record_id

    def start(self) -> None:
        """Show the papers of the record that was just sealed."""
        record_id = self._name
        entry = next((e for e in self._context.delivery.queue().entries if e.record.record_id == record_id), None)
        papers = self._context.fresh_papers.get(record_id, ())
        actions: tuple[Command, ...] = (*self._keeping(), enter(message("slip.next_person"), self.accept))
        if self._printing.receipt_printer() and any(paper.receipt for paper in papers):
            words = message("paper.receipt")
            actions = (Command("print_receipt", words, Action.PRINT_RECEIPT, runs=self.print_receipt), *actions)
        facts: tuple[tuple[Message, Message], ...] = ((message("common.record_number"), record_id),)
        if entry is not None:
            facts = (
                (message("common.resident"), f"{entry.record.masked_name} · {entry.record.masked_nik}"),
                *facts,
                (message("slip.sealed_at"), moment_text(self._context.clock.local(entry.record.sealed_at))),
                (message("common.size"), size_words(entry.record.size_bytes)),
            )
        self.show_papers(
            papers,
            title=message("slip.title"),
            tag=Tag(message("slip.sealed"), Tone.GOOD),
            facts=facts,
            note=message("slip.note"),
            bar=Bar(replace(leave(self.back), words=message("slip.home")), actions),
        )

    def accept(self) -> None:
        """Go on with the next person."""
        self._navigator.restart("home")
        self._navigator.push("targets")

    def back(self) -> None:
        """Go to Beranda: the recording behind this screen is sealed and gone."""
        self._navigator.restart("home")


class ShipmentPresenter(PaperPresenter):
    """The berita acara of the delivery, over everything in the queue."""

    def start(self) -> None:
        """Make the paper of how the queue stands now."""
        self._name = self._context.clock.local(self._context.clock.now()).strftime("%Y%m%d-%H%M")
        self._tasks.write(self._load, self._failed, self._loaded)

    def _load(self) -> Paper | None:
        entries = self._context.delivery.queue().entries
        return self._context.papers.shipment(entries) if entries else None

    def _loaded(self, paper: Paper | None) -> None:
        if paper is None:
            self._become(replace(self.state, stage=Stage.EMPTY, empty=Empty.of("kirim.empty")))
            return
        save, show = self._keeping()
        bar = Bar(leave(self.back), (save, replace(show, weight=Weight.PRIMARY)))
        self.show_papers((paper,), title=message("letter.ba_pengiriman"), note=message("paper.shipment_note"), bar=bar)
