from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from support.app_context import KETUA, PENGURUS, TARGETS, Kit
from support.cards_sent import PRINTER, UNIQUE
from support.drafts import form_on, problem_of
from support.followed import keep_ledger
from support.letters import KASI
from support.tasks import SameThread, Steps

from fieldkit.domain.people.accounts import User
from fieldkit.domain.sop.profile import PauseReason
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormPresenter
from ui.presenters.messages import message
from ui.presenters.statuses.forms import again_form, facts_form, failure_form, pause_form, print_form


@pytest.fixture
def record(kit: Kit) -> str:
    record = kit.seal(1, TARGETS[0])
    kit.apply(record, *UNIQUE)
    kit.clock.advance(hours=5)
    return record


Filled = Callable[..., FormPresenter]


@pytest.fixture
def filled(kit: Kit, tasks: SameThread, steps: Steps) -> Filled:
    def fill(make: Callable[[AppContext], Form], user: User = PRINTER, **texts: str) -> FormPresenter:
        context = kit.context_of(user)
        presenter = form_on(context, make(context), tasks, steps)
        presenter.start()
        for name, text in texts.items():
            presenter.type(name, text)
        presenter.accept()
        return presenter

    return fill


def test_a_pause_holds_for_the_activity_from_now_on(kit: Kit, record: str, filled: Filled) -> None:
    form = filled(lambda context: pause_form(context, "a1", record), KASI)
    assert problem_of(form) == "clock.no_note"
    filled(lambda context: pause_form(context, "a1", record), KASI, note="Listrik padam")
    (pause,) = kit.context.office.clocks.pauses()
    assert (pause.activity_id, pause.record_id, pause.reason) == ("a1", "", PauseReason.GANGGUAN_TEKNIS)
    assert (pause.began_at, pause.ended_at) == (kit.clock.now(), None)


@pytest.mark.parametrize(("scope", "held"), [("record", ("a1", "0199-0001")), ("all", ("", ""))])
def test_a_pause_holds_for_one_or_for_all(
    kit: Kit, record: str, filled: Filled, scope: str, held: tuple[str, str]
) -> None:
    filled(lambda context: pause_form(context, "a1", record), KASI, note="x", scope=scope)
    (pause,) = kit.context.office.clocks.pauses()
    assert (pause.activity_id, pause.record_id) == held


def test_a_pause_that_is_over_is_noted_with_both_times(kit: Kit, record: str, filled: Filled) -> None:
    times = {"began": "21-11-2026 10.00", "ended": "21-11-2026 11.30"}
    reason = PauseReason.DI_LUAR_KEWENANGAN.value
    filled(lambda context: pause_form(context, "a1", record), KASI, note="x", reason=reason, **times)
    (pause,) = kit.context.office.clocks.pauses()
    assert pause.ended_at is not None
    assert pause.ended_at - pause.began_at == timedelta(minutes=90)
    assert (
        problem_of(filled(lambda context: pause_form(context, "a1", record), KASI, note="x", ended="tadi"))
        == "typed.moment"
    )


def test_file_and_marriage_are_noted_shown_and_taken_back(kit: Kit, record: str, filled: Filled) -> None:
    assert [field.text for field in facts_form(kit.context, record).load()] == ["", ""]
    filled(lambda context: facts_form(context, record), KASI, complete="20-11-2026", married="21-11-2026")
    facts = kit.context.office.clocks.facts("t1")
    assert (facts.file_complete_on, facts.married_on) == (date(2026, 11, 20), date(2026, 11, 21))
    again = filled(lambda context: facts_form(context, record), KASI, married="")
    assert again.state.fields[0].text == "20-11-2026"
    assert kit.context.office.clocks.facts("t1").married_on is None
    assert problem_of(filled(lambda context: facts_form(context, record), KASI, married="01-01-2030")) == "clock.future"
    assert problem_of(filled(lambda context: facts_form(context, record), PENGURUS)) == "role.not_yours"


def test_a_print_is_noted_with_its_number_and_time(kit: Kit, record: str, filled: Filled, steps: Steps) -> None:
    filled(lambda context: print_form(context, record), batch="BL-0107", at="21-11-2026 13.00")
    (card,) = kit.context.office.handover.of("a1")
    assert card.prints[0].batch == "BL-0107"
    assert kit.clock.local(card.printed_at).hour == 13
    assert steps.taken == [("back",)]
    assert problem_of(filled(lambda context: print_form(context, record))) == "card.printed_before"
    assert problem_of(filled(lambda context: print_form(context, record), KETUA)) == "role.not_yours"


def test_a_failed_and_a_second_print_need_their_reason(kit: Kit, record: str, filled: Filled) -> None:
    assert problem_of(filled(lambda context: failure_form(context, record))) == "card.no_reason"
    filled(lambda context: failure_form(context, record), why="ribbon putus", batch="BL-0106")
    assert [failure.why for failure in kit.context.office.printing.failures()] == ["ribbon putus"]
    filled(lambda context: print_form(context, record), batch="BL-0107")
    assert problem_of(filled(lambda context: again_form(context, record))) == "card.no_reason"
    filled(lambda context: again_form(context, record), why="foto buram", batch="BL-0108", condition="rusak")
    (card,) = kit.context.office.handover.of("a1")
    assert [printed.batch for printed in card.prints] == ["BL-0107", "BL-0108"]
    assert card.condition == "rusak"


def test_each_card_is_asked_for_its_blank_with_the_next_ones_proposed(kit: Kit, record: str) -> None:
    context = kit.context_of(PRINTER)
    plain = print_form(context, record).load()
    assert ([field.name for field in plain], plain[0].label) == (["batch", "at"], message("cetak.batch"))
    assert [field.name for field in failure_form(context, record).load()] == ["why", "batch"]
    keep_ledger(kit)
    assert print_form(context, record).load()[1].label == message("cetak.ribbon")
    form = print_form(context, record)
    fields = form.load()
    assert [(field.name, field.text) for field in fields[:2]] == [(record, "BL-0101"), ("batch", "")]
    assert print_form(context, record, "04A1B2").load()[0].text == "04A1B2"
    assert failure_form(context, record).load()[1].text == "BL-0101"
    form.keep({field.name: field.text for field in fields})
    assert context.office.handover.get(record).prints[0].number == "BL-0101"
    again = again_form(context, record)
    again.keep({field.name: field.text for field in again.load()} | {"why": "foto buram"})
    assert context.office.handover.get(record).prints[1].number == "BL-0102"
