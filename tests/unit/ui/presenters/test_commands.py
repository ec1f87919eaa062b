from __future__ import annotations

from dataclasses import replace

from ui.presenters.commands import Command, Operation, Weight


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
