"""How a step came to its end, and what is still missing of it: a fact is not a word, and a word is not a paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.planning.outreach import OutreachCount
from fieldkit.domain.sop.profile import StepInput, StepOutput
from fieldkit.domain.sop.run import Round, SopRun, StepState


class How(StrEnum):
    """How a step ended."""

    OPEN = "open"  # it did not
    FULFILLED = "fulfilled"  # by what the program saw, and the papers of its own
    INCOMPLETE = "incomplete"  # seen, but a paper is missing; the last step: something is left open
    DECLARED = "declared"  # by a person's word
    SKIPPED = "skipped"


class Missing(StrEnum):
    """What can be missing."""

    FACT = "fact"
    OUTPUT = "output"
    INPUT = "input"
    WHO = "who"  # of a declaration
    WHY = "why"
    EVIDENCE = "evidence"
    TARGETS = "targets"  # of the whole activity: nobody went there yet
    REVISITS = "revisits"
    UNSENT = "unsent"
    SARPRAS = "sarpras"  # out and not counted


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: a fact (of several one is enough), an output, an input, or so many of something."""

    kind: Missing
    name: str = ""
    count: int = 0
    facts: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Return it for programs: "output Jadwal", "fact notice_sent|coordinated", "revisits 2"."""
        told = "|".join(self.facts) or self.name or (str(self.count) if self.count else "")
        return f"{self.kind.value} {told}".strip()


@dataclass(frozen=True, slots=True)
class Papers:
    """The kinds of paper that an activity has, one for each paper: issued, and at least begun."""

    issued: tuple[LetterKind, ...] = ()
    begun: tuple[LetterKind, ...] = ()

    def show(self, output: StepOutput) -> bool:
        """Return whether every paper of an output is there, beside those that are earlier steps' own."""
        return all(self.issued.count(kind) >= output.nth for kind in output.papers) and all(
            self.begun.count(kind) >= output.nth for kind in output.drafts
        )


NO_PAPERS = Papers()


def papers_among(letters: Iterable[Letter]) -> Papers:
    """Return the kinds of these letters; what was made void is no paper."""
    begun = [each for each in letters if each.state is not LetterState.VOID]
    issued = tuple(each.letter for each in begun if each.state is LetterState.ISSUED)
    return Papers(issued, tuple(each.letter for each in begun))


def how_of(run: SopRun, no: int, papers: Papers, left_open: tuple[Lack, ...] = ()) -> How:
    """Return how a step ended; `left_open` is what the activity as a whole leaves."""
    step, now = run.profile.step(no), run.of(no).now
    if not now.is_over:
        return How.OPEN
    if now.state is StepState.SKIPPED:
        return How.SKIPPED
    if step.ends_itself:
        others = {how_of(run, other.no, papers) for other in run.profile.steps if other.no != no}
        if How.DECLARED in others:
            return How.DECLARED  # the end stands on somebody's word too
        return How.INCOMPLETE if left_open or others != {How.FULFILLED} else How.FULFILLED
    if not step.fulfilled_by or run.lacks(no):
        return How.DECLARED
    return How.FULFILLED if all(map(papers.show, step.outputs)) else How.INCOMPLETE


def lacks_of(run: SopRun, no: int, papers: Papers, left_open: tuple[Lack, ...] = ()) -> tuple[Lack, ...]:
    """Return what is missing of a step that began or is over; of the last one, what the activity leaves open."""
    step, now = run.profile.step(no), run.of(no).now
    if step.ends_itself:
        return (*left_open, *left_by_steps(run, papers)) if now.is_over else ()
    how = how_of(run, no, papers)
    return (
        *(Lack(Missing.FACT, facts=tuple(fact.value for fact in group)) for group in run.lacks(no)),
        *(Lack(Missing.OUTPUT, each.name) for each in step.outputs if not papers.show(each)),
        *(Lack(Missing.INPUT, each.name) for each in step.inputs if not is_there(run, now, each, papers)),
        *(_unsaid(now) if how is How.DECLARED else ()),
    )


def is_there(run: SopRun, now: Round, wanted: StepInput, papers: Papers) -> bool:
    """Return whether an input is there: known to the program, or ticked by somebody."""
    return wanted.name in now.ticked or is_known(run, wanted, papers)


def is_known(run: SopRun, wanted: StepInput, papers: Papers) -> bool:
    """Return whether the program itself knows that an input is there."""
    return bool(
        not set(wanted.papers).isdisjoint(papers.issued)
        or any(run.heard(fact) for fact in wanted.facts)
        or any(run.of(no).now.state is StepState.DONE for no in wanted.steps)
    )


def left_by_steps(run: SopRun, papers: Papers) -> tuple[Lack, ...]:
    """Return the outputs that steps which are over left without their papers, each once."""
    missing = (
        each.name
        for step in run.profile.steps
        if run.of(step.no).now.is_over
        for each in step.outputs
        if not papers.show(each)
    )
    return tuple(Lack(Missing.OUTPUT, name) for name in dict.fromkeys(missing))


def left_in_the_field(count: OutreachCount, *, is_sarpras_out: bool) -> tuple[Lack, ...]:
    """Return what an activity leaves open outside its steps."""
    numbers = (
        (Missing.TARGETS, count.waiting),
        (Missing.REVISITS, count.revisit),
        (Missing.UNSENT, count.unsent),
        (Missing.SARPRAS, int(is_sarpras_out)),
    )
    return tuple(Lack(kind, count=number) for kind, number in numbers if number)


def _unsaid(now: Round) -> Iterator[Lack]:
    """Yield what a word lacks; older programs asked for none of it."""
    ending = now.ending
    if ending is None:
        return
    if not (ending.declared or ending.by or ending.outsider):
        yield Lack(Missing.WHO)
    if not (ending.declared or ending.reason):
        yield Lack(Missing.WHY)
    if not (ending.files or ending.evidence or (ending.declared and ending.declared.letter)):
        yield Lack(Missing.EVIDENCE)
