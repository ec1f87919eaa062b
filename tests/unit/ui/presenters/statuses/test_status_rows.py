from __future__ import annotations

from datetime import timedelta

import pytest
from support.app_context import KETUA, Kit
from support.clock import NOW
from support.letters import KASI
from support.listing import at_row, refusals
from support.tasks import Steps
from support.whole_office import Paperless

from fieldkit.domain.delivery import OfficeTask
from fieldkit.domain.people import User
from fieldkit.ports.repositories import Standing, StandingLine
from fieldkit.services.statuses import WorkGroup, WorkLine
from ui.presenters.lists import Hint, History, ListScreen, Numbers
from ui.presenters.parts import Tone
from ui.presenters.presenter import message
from ui.presenters.statuses.statuses import StatusEntry, Statuses

T = OfficeTask


def screen(kit: Kit, user: User = KASI) -> ListScreen[StatusEntry]:
    return Statuses(kit.context_of(user), Steps(), Paperless()).screen()


def entry(
    code: str = "PRR",
    task: OfficeTask = T.PRINT,
    *,
    days: int = 0,
    source: str = "pusat",
    card_from: str = "",
    is_doubtful: bool = False,
) -> StatusEntry:
    standing = Standing(code, False, False, "")
    line = StandingLine("r1", "MIS•••", "350512••••••••03", NOW.isoformat(), source, "", card_from, standing)
    work = WorkLine(line, is_doubtful, NOW + timedelta(days=days, hours=3))
    return StatusEntry(WorkGroup(code, task, (work,)), work)


def test_since_when_something_was_said_or_silent_is_told(idle: Kit) -> None:
    at = idle.clock.local(NOW).strftime("%d-%m-%Y %H.%M")
    todo = screen(idle).heads[2]
    told = [todo.cell(entry(code, days=days)).detail for code, days in (("PRR", 0), ("PRR", 2), ("", 2))]
    assert told == [at, message("status.since", at=at, days=2), message("status.silent", days=2)]


@pytest.mark.parametrize(
    ("shown", "words", "tone"),
    [
        (entry("PRR"), message("central.print_ready_record"), Tone.GOOD),
        (entry("PRR", is_doubtful=True), message("central.print_ready_record"), Tone.CAUTION),
        (entry(""), message("central.none"), Tone.NEUTRAL),
        (entry("", is_doubtful=True), message("central.none"), Tone.CAUTION),
    ],
)
def test_what_was_said_stands_on_its_tone_unless_it_looks_odd(
    idle: Kit, shown: StatusEntry, words: object, tone: Tone
) -> None:
    (tag,) = screen(idle).heads[1].cell(shown).tags
    assert (tag.words, tag.tone) == (words, tone)


def test_statuses_are_read_anew_when_a_record_a_card_or_a_setting_is_written(idle: Kit) -> None:
    assert screen(idle).reads == {"record", "setting", "card", "card_facts"}


def test_a_stranger_stands_whole_and_what_was_tried_out_is_marked(idle: Kit) -> None:
    cell = screen(idle).heads[1].cell(entry("SOMETHING_NEW"))
    assert (cell.words, cell.detail, cell.tags) == ("SOMETHING_NEW", message("status.unknown"), ())
    source = screen(idle).heads[3]
    told = [[tag.tone for tag in source.cell(each).tags] for each in (entry(), entry(source="uji coba"), entry(""))]
    assert told == [[Tone.NEUTRAL], [Tone.CAUTION], []]


@pytest.mark.parametrize(
    ("shown", "todo", "words"),
    [
        (entry(), message("task.print"), ()),
        (
            entry(task=T.WAIT_FOR_AGE, card_from="2027-03-12"),
            message("status.birthday", day="12-03-2027"),
            (),
        ),
        (entry(task=T.WAIT_FOR_AGE), message("task.wait_for_age"), ()),
        (entry(task=T.PRINT, card_from="2027-03-12"), message("task.print"), ()),
        (entry(is_doubtful=True), message("status.doubt_todo"), (message("status.doubtful"),)),
    ],
)
def test_what_is_to_be_done_is_said_in_the_row_and_beside_it(
    idle: Kit, shown: StatusEntry, todo: object, words: tuple[object, ...]
) -> None:
    assert screen(idle).heads[2].cell(shown).words == todo
    hint, history, _numbers = screen(idle).side(at_row(shown))
    assert isinstance(hint, Hint)
    assert isinstance(history, History)
    title = message("status.doubt_tag") if words else todo
    assert (hint.title, hint.words, hint.tone is Tone.CAUTION) == (title, words, bool(words))
    assert [step.name for step in history.steps] == ["PRR"]


def test_without_a_row_or_a_word_only_what_there_is_stands_beside_the_list(idle: Kit) -> None:
    assert [type(panel) for panel in screen(idle).side(at_row())] == [Numbers]
    assert [type(panel) for panel in screen(idle).side(at_row(entry("")))] == [Hint, Numbers]


@pytest.mark.parametrize(
    ("shown", "words", "tone"),
    [
        (entry("PRR"), message("central.print_ready_record"), Tone.GOOD),
        (entry("PRR", T.WAIT_FOR_AGE), message("central.waits_17"), Tone.SOFT),
        (entry("SFE", T.RESEND), message("status.stuck"), Tone.BAD),
        (entry("PRR", T.HAND_OVER), message("status.printed_hand_over"), Tone.GOOD),
        (entry("SENT_FOR_CARD_PRINTING", T.CLOSE), message("status.printed_close"), Tone.GOOD),
        (entry("CARD_PRINTED", T.HAND_OVER), message("central.card_printed"), Tone.GOOD),
        (entry("SOMETHING_NEW", T.ASK_MEANING), "SOMETHING_NEW", Tone.CAUTION),
        (entry("", T.CHECK_QUEUE), message("central.none"), Tone.NEUTRAL),
    ],
)
def test_a_group_is_named_by_what_it_waits_for(idle: Kit, shown: StatusEntry, words: object, tone: Tone) -> None:
    (panel,) = screen(idle).side(at_row(None, shown))
    assert isinstance(panel, Numbers)
    assert [(number.label, number.tone) for number in panel.numbers] == [(words, tone)]


@pytest.mark.parametrize(("groups", "numbers"), [(6, ["1"] * 6), (7, ["1"] * 5 + ["2"])])
def test_groups_that_do_not_fit_are_counted_together(idle: Kit, groups: int, numbers: list[str]) -> None:
    (panel,) = screen(idle).side(at_row(None, *(entry(f"STRANGER_{at}") for at in range(groups))))
    assert isinstance(panel, Numbers)
    assert [number.value for number in panel.numbers] == numbers


NONE, MINE = "status.none", "status.not_yours"


@pytest.mark.parametrize(
    ("user", "shown", "refused"),
    [
        (KASI, entry(), {"copy_news": NONE}),  # what is told to the person is still being read
        (KASI, None, dict.fromkeys(("copy_news", "print_news", "accept"), NONE)),
        (KETUA, entry(), {"copy_news": NONE, "print_news": MINE, "import_statuses": MINE, "accept": MINE}),
        (KETUA, None, {"copy_news": NONE, "print_news": MINE, "import_statuses": MINE, "accept": MINE}),
    ],
)
def test_what_can_be_done_depends_on_who_looks_at_what(
    idle: Kit, user: User, shown: StatusEntry | None, refused: dict[str, str]
) -> None:
    said = refusals(screen(idle, user), at_row(shown))
    assert {name: words.key for name, words in said.items() if words} == refused
