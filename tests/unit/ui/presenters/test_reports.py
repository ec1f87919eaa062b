from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.aided import aided
from support.app_context import PENGURUS, TARGETS, Kit
from support.letters import AT, KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.reports import Points
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.typed import DraftName
from fieldkit.domain.visits import Outcome, Visit
from ui.presenters.form import Drafting
from ui.presenters.lists import Facts, Numbers
from ui.presenters.parts import Stage, Tag, Tone
from ui.presenters.presenter import message
from ui.presenters.reports import NAMES, EvaluationOfActivity
from ui.presenters.tasks import STORE
from ui.presenters.work_form import WorkFormPresenter


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = aided(tmp_path)
    yield kit
    kit.store.close()


def opened(
    kit: Kit, steps: Steps | None = None, tasks: SameThread | None = None, user: User = KASI, at: str = AT
) -> WorkFormPresenter:
    context, tasks, steps = kit.context_of(user), tasks or SameThread(), steps or Steps()
    drafting = Drafting(context, tasks, DraftName("evaluation", {"activity_id": at}))
    presenter = WorkFormPresenter(EvaluationOfActivity(context, steps, at).form(), tasks, steps, drafting)
    presenter.start()
    return presenter


def press(presenter: WorkFormPresenter, name: str) -> None:
    presenter.perform(next(command for command in presenter.state.bar.actions if command.name == name))


def points(kit: Kit) -> Points:
    return kit.context.office.evaluation.view(AT).points


def tag(presenter: WorkFormPresenter) -> Tag:
    (about,) = (panel for panel in presenter.state.side if isinstance(panel, Facts))
    return about.tags[0]


def test_what_is_typed_is_kept_by_itself_and_on_leaving(kit: Kit) -> None:
    tasks = SameThread()
    presenter = opened(kit, tasks=tasks)
    assert tag(presenter) == Tag(message("evaluasi.not_begun"), Tone.NEUTRAL)
    presenter.type("obstacles", "Jalan licin\n\nGenset mati")
    assert points(kit).is_empty
    tasks.tick()
    assert points(kit).obstacles == ("Jalan licin", "Genset mati")
    presenter.type("proposals", "Bawa genset")
    presenter.stop()
    assert points(kit).proposals == ("Bawa genset",)
    again = opened(kit)
    assert again.state.fields[NAMES.index("obstacles")].text == "Jalan licin\nGenset mati"
    assert tag(again) == Tag(message("evaluasi.draft", day="21-11-2026"), Tone.SOFT)


def test_what_was_typed_just_before_a_kill_is_there_again(kit: Kit) -> None:
    tasks = SameThread()
    presenter = opened(kit, tasks=tasks)
    presenter.type("obstacles", "Jalan licin")
    presenter.settle()  # half a second without a key; it is kept for good some seconds later
    assert points(kit).is_empty
    again = opened(kit)
    assert again.state.fields[NAMES.index("obstacles")].text == "Jalan licin"
    assert again.state.restored
    again.stop()
    assert points(kit).obstacles == ("Jalan licin",)
    assert list(kit.context_of(KASI).drafts.mine()) == []
    assert opened(kit).state.restored == ""


def test_what_is_typed_stays_when_the_screen_comes_back(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type("went_well", "satu")
    presenter.stop()
    presenter.start()
    assert presenter.state.fields[0].text == "satu"


def test_the_report_is_written_once_and_then_opened(kit: Kit) -> None:
    steps = Steps()
    presenter = opened(kit, steps)
    assert presenter.state.bar.actions[-1].refused == message("evaluasi.nothing_said")
    assert presenter.state.bar.note == message("evaluasi.kept_by_itself")
    presenter.type("proposals", "Bawa genset")
    press(presenter, "report")
    (letter,) = kit.context.office.letters.of(AT)
    assert presenter.reads == {"evaluation", "letter"}
    presenter.start()
    assert not presenter.state.is_open
    assert (tag(presenter), presenter.state.bar.note) == (
        Tag(message("evaluasi.reported", day="21-11-2026"), Tone.GOOD),
        "",
    )
    assert opened(kit, user=PENGURUS).state.bar.actions[-1].refused == "", "whoever looks may open it"
    assert presenter.state.bar.actions[-1].words == message("evaluasi.open_report")
    press(presenter, "report")
    presenter.type("proposals", "lain")
    presenter.stop()
    assert steps.taken == [("push", "letter", letter.thing_id)] * 2
    assert len(kit.context.office.letters.of(AT)) == 1
    assert points(kit).proposals == ("Bawa genset",)


def test_pressing_twice_writes_one_letter(kit: Kit) -> None:
    tasks = SameThread(STORE)
    presenter = opened(kit, tasks=tasks)
    tasks.release(STORE)
    presenter.type("proposals", "Bawa genset")
    press(presenter, "minutes")
    press(presenter, "minutes")
    assert presenter.state.stage is Stage.BUSY
    tasks.release(STORE)
    (letter,) = kit.context.office.letters.of(AT)
    assert letter.letter is LetterKind.NOTULEN


def test_an_activity_without_trouble_has_plain_numbers(kit: Kit) -> None:
    now = kit.clock.now()
    (plain,) = (panel.numbers for panel in opened(kit).state.side if isinstance(panel, Numbers))
    assert len(plain) == 5, "nothing is said of visits that were not made"
    with kit.store.write() as unit:
        visit = Visit("v1", AT, "t1", "u1", now - timedelta(minutes=30), now, Outcome.SAKIT)
        unit.repository(Visit).save(visit)
        run = unit.repository(SopRun).get(AT).start(1, "u1", now - timedelta(minutes=4))
        unit.repository(SopRun).save(run.apply(Fulfilment.REQUEST_RECEIVED, "u1", now))
    (quick,) = (panel.numbers for panel in opened(kit).state.side if isinstance(panel, Numbers))
    assert [number.tone for number in quick] == [Tone.NEUTRAL, Tone.GOOD, *[Tone.NEUTRAL] * 5]


def test_the_numbers_stand_beside(kit: Kit) -> None:
    kit.clock.advance(days=-1)  # to a day with office hours
    now = kit.clock.now()
    kit.seal(1, TARGETS[6])
    with kit.store.write() as unit:
        unit.targets.mark("t5", TargetState.POSTPONED)
    with kit.store.write() as unit:
        begun = now - timedelta(minutes=40)
        unit.repository(Visit).save(Visit("v1", AT, "t1", "u1", begun, now, Outcome.SAKIT))
        run = unit.repository(SopRun).get(AT).start(1, "u1", now - timedelta(minutes=9))
        unit.repository(SopRun).save(run.apply(Fulfilment.REQUEST_RECEIVED, "u1", now))
    numbers, times = (panel.numbers for panel in opened(kit).state.side if isinstance(panel, Numbers))
    assert [number.value for number in numbers] == ["7", "1", "0", "1", "1", "40", "1"]
    assert [number.tone for number in numbers[3:]] == [Tone.CAUTION, Tone.CAUTION, Tone.NEUTRAL, Tone.CAUTION]
    (late,) = times
    assert (late.value, late.tone) == ("9 / 5", Tone.CAUTION)


def test_others_read_and_write_nothing(kit: Kit) -> None:
    kit.context.office.evaluation.write(AT, Points(obstacles=("Jalan licin",)))
    steps = Steps()
    presenter = opened(kit, steps, user=PENGURUS)
    presenter.type("obstacles", "lain")
    press(presenter, "report")
    press(presenter, "minutes")
    presenter.back()
    assert presenter.state.fields[2].text == "Jalan licin"
    assert steps.taken == [("back",)]
    assert all(action.refused == message("evaluasi.not_yours") for action in presenter.state.bar.actions)


def test_an_unknown_activity_is_an_error(kit: Kit) -> None:
    assert opened(kit, at="nowhere").state.stage is Stage.ERROR


def test_a_refusal_stands_above_what_was_typed(kit: Kit) -> None:
    presenter = opened(kit)
    presenter.type("obstacles", "Jalan licin")
    kit.context.office.evaluation.report(AT, Points(obstacles=("dari laptop ini juga",)))
    press(presenter, "report")
    assert presenter.state.stage is Stage.CONTENT
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "evaluation.reported"
    assert presenter.state.fields[2].text == "Jalan licin"
    presenter.start()
    assert presenter.state.fields[2].text == "dari laptop ini juga"
