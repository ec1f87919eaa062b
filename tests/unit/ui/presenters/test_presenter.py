from __future__ import annotations

from dataclasses import replace

import pytest
from support.tasks import Steps

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.positions import FINGERS
from fieldkit.ports.messages import ProblemText
from ui.presenters.presenter import (
    CHOICES,
    Action,
    CatalogMessage,
    Command,
    Message,
    Operation,
    Presenter,
    Spoken,
    Weight,
    message,
    opening,
)


class Counter(Presenter[int]):
    def add(self, by: int) -> None:
        self._become(self.state + by)


def test_a_view_sees_the_state_at_once_and_every_change_but_no_repetition() -> None:
    seen: list[int] = []
    counter = Counter(3)
    counter.listen(seen.append)
    counter.add(2)
    counter.add(0)
    assert seen == [3, 5]


def test_a_closed_screen_hears_nothing_more_while_its_presenter_lives_on() -> None:
    seen: list[int] = []
    counter = Counter(0)
    counter.listen(seen.append)
    counter.deafen()
    counter.add(1)
    assert (seen, counter.state) == ([0], 1)


def test_a_command_is_done_unless_it_is_refused_or_nothing_runs() -> None:
    heard: list[str] = []
    counter = Counter(0)
    for refused in ("not now", ""):
        counter.perform(Command("add", "", refused=refused, runs=lambda: heard.append("added")))
    assert heard == ["added"]
    with pytest.raises(TypeError, match="Counter has no way to do 'look'"):
        counter.perform(Command("look", ""))


def test_nobody_need_look_on_and_a_screen_that_reads_nothing_does_nothing() -> None:
    counter = Counter(0)
    counter.add(1)
    for act in (
        counter.refresh,
        counter.start,
        counter.stop,
        counter.touch,
        counter.rest,
        counter.go_on,
        counter.settle,
    ):
        act()
    assert (counter.state, counter.reads) == (1, frozenset())


def test_every_act_has_exactly_one_key_and_no_key_two_acts() -> None:
    assert len(Action.__members__) == len(Action)
    assert len({act.key for act in Action}) == len(Action)


def test_number_keys_are_the_finger_codes_of_the_standard() -> None:
    assert [act.cap for act in CHOICES] == list("1234567890")
    assert len(CHOICES) == len(FINGERS)


def test_every_act_has_words_in_every_language() -> None:
    for language in LANGUAGES:
        catalogue = strict_catalogue(language)
        for act in set(Action) - set(CHOICES):
            assert catalogue.text(f"act.{act.value}")
        assert catalogue.text("act.choice")


def test_two_that_look_the_same_and_run_something_else_differ() -> None:
    heard = list[str]()
    first, second = (Command("keep", "Simpan", runs=lambda what=what: heard.append(what)) for what in "ab")
    assert first != second
    assert first == Command("keep", "Simpan", runs=first.runs)


def test_an_operation_says_nothing_and_leads_nowhere_unless_told_to() -> None:
    operation = Operation(work=lambda: 1)
    assert operation.told(1) == ""
    operation.done(1)
    assert operation.undo is None


def test_a_quiet_command_differs_by_its_weight_only() -> None:
    keep = Command("keep", "Simpan", runs=list)
    assert keep.quiet() == replace(keep, weight=Weight.PLAIN)


def test_a_phrase_keeps_its_key_and_what_fills_it() -> None:
    assert message("ui.battery", percent=64) == CatalogMessage("ui.battery", {"percent": 64})
    assert message("ui.battery", percent=64) != message("ui.battery", percent=65)


def say(words: Message) -> str:
    assert isinstance(words, CatalogMessage)
    return strict_catalogue(LANGUAGES[0]).text(words.key, **words.params)


def explain(problem: Problem) -> ProblemText:
    return strict_catalogue(LANGUAGES[0]).problem(problem)


def test_services_hear_the_words_of_the_window() -> None:
    spoken = Spoken(say, explain)
    assert spoken.text("impor.accepted", count=3) == "3 diterima"
    assert spoken.problem(Problem("dispose.no_role")).do


def test_a_command_opens_a_screen_and_that_of_enter_is_primary() -> None:
    steps = Steps()
    enter = opening(steps, "accept", "Ubah", Action.ACCEPT, "", "sarpras_item", thing_id="i1")
    other = opening(steps, "add", "Tambah", Action.ADD, "Bukan Anda", "sarpras_item", thing_id="")
    assert (enter.weight, other.weight, other.refused) == (Weight.PRIMARY, Weight.SECOND, "Bukan Anda")
    assert callable(enter.runs)
    enter.runs()
    assert steps.taken == [("push", "sarpras_item", "i1")]
