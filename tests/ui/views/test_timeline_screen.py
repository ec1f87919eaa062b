from __future__ import annotations

from ui.presenters.actions import Action
from ui.presenters.figures import StepMark
from ui.presenters.planning.sop_figures import Fact, TimelineState, TimelineStep
from ui.runtime.theme_context import ThemeContext
from ui.views.timeline_screen import TimelineScreen
from ui.widgets.card import Card

STEPS = tuple(TimelineStep(no, f"Langkah {no}", StepMark.PENDING) for no in range(1, 4))


class Walker:
    def __init__(self) -> None:
        self.moved: list[int] = []

    def next_step(self, by: int) -> None:
        self.moved.append(by)


def test_page_keys_scroll_the_facts_and_f5_reads_anew(theming: ThemeContext, qtbot) -> None:
    walker = Walker()
    view: TimelineScreen[TimelineState] = TimelineScreen(theming, walker)
    side = Card(theming)
    side.body.addWidget(view.scrolling_facts())
    view.lay_out(side)
    qtbot.addWidget(view)
    view.resize(1024, 300)
    view.render(TimelineState(title="Jemput bola", sop="SOP", steps=STEPS, cursor=2))
    view._facts.render_facts(tuple(Fact(f"Fakta {at}") for at in range(40)))
    view.show()
    bar = view._info.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    assert view.perform(Action.NEXT_STEP)
    assert bar.value() > 0
    assert view.perform(Action.PREVIOUS_STEP)
    assert bar.value() == 0
    with qtbot.waitSignal(view.refresh):
        assert view.perform(Action.REFRESH)
    assert not view.perform(Action.CHOICE_1)
    view._timeline.moved.emit(1)
    assert walker.moved == [1]
