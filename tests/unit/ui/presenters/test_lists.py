from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.people import Permission
from ui.presenters.figures import FigureCell, Number
from ui.presenters.lists import (
    ALL,
    Facts,
    Filter,
    Head,
    Hint,
    Listed,
    ListPresenter,
    ListScreen,
    Numbers,
    OfficeList,
    Order,
    Tell,
    finding,
    nothing_yet,
)
from ui.presenters.parts import NOTHING, Empty, Progress, Stage, Tag, Toast, Tone
from ui.presenters.presenter import Action, Command, Operation, Weight, message
from ui.presenters.tasks import STORE


def listed(current: str | None, *ticked: str) -> Listed[str]:
    return Listed("abc", "abc", current, ticked, ())


def test_what_is_ticked_is_chosen_else_the_row_under_the_cursor() -> None:
    assert listed("a", "b", "c").chosen == ("b", "c")
    assert listed("a").chosen == ("a",)
    assert listed(None).chosen == ()


def test_a_list_needs_no_more_than_its_rows() -> None:
    screen = ListScreen(title="", heads=(), load=lambda: "abc", name=str)
    nothing = listed(None)
    assert (screen.empty(nothing), screen.side(nothing), screen.commands(nothing)) == (NOTHING, (), ())
    assert (screen.text("a"), screen.where(nothing)) == ("", "")
    assert screen.begins_at is None
    assert Head("", str).order is None


def test_an_empty_list_says_whether_anything_is_there_at_all() -> None:
    says = nothing_yet("x.empty", "x.none")
    assert says(replace(listed(None), everything="")) == Empty(message("x.empty"), message("x.empty_hint"))
    assert says(listed(None)) == Empty(message("x.none"), message("x.none_hint"))
    assert nothing_yet("x.empty")(listed(None)).title == message("ui.list.none")
    assert ALL.kept(["a"]) == ["a"]


def test_each_value_has_a_chip_with_its_words_and_tone() -> None:
    chips: tuple[Filter[Stage | None], ...] = Filter.each(Stage, "x.", lambda stage: stage, {Stage.ERROR: Tone.BAD})
    assert [chip.name for chip in chips] == list(Stage)
    assert (chips[3].words, chips[3].tone, chips[0].tone) == (message("x.error"), Tone.BAD, Tone.SOFT)
    rows = [Stage.ERROR, None, Stage.ERROR, Stage.BUSY]
    assert [chip.name for chip in chips if chip.kept(rows)] == ["error", "busy"]
    assert chips[3].kept(rows) == [Stage.ERROR, Stage.ERROR]


def test_columns_are_made_of_what_they_show() -> None:
    named: Head[str] = Head.named("who", str.upper, lambda row: f"nik {row}", 90)
    assert (named.cell("a"), named.width) == (FigureCell("A", "nik a", is_strong=True), 90)
    plain: Head[str] = Head.plain("village", str.upper)
    assert (plain.cell("a"), plain.order and plain.order("a")) == (FigureCell("A"), "A")
    tagged: Head[str] = Head.tagged("state", lambda row: Tag(row) if row > "a" else None, 90, str, none="–")
    assert (tagged.cell("b"), tagged.cell("a")) == (FigureCell(tags=(Tag("b"),)), FigureCell("–", is_muted=True))


def test_chips_may_keep_rows_by_any_rule() -> None:
    late, early = Filter.by("x.", {"late": lambda row: row > "a", "early": lambda row: row == "a"}, {"late": Tone.BAD})
    assert (late.words, late.tone, early.tone) == (message("x.late"), Tone.BAD, Tone.SOFT)
    assert late.kept(["a", "b", "c"]) == ["b", "c"]
    assert early.kept(["a"]) == ["a"]


def test_a_chip_judges_what_rows_have_in_common_once() -> None:
    judged: list[int] = []

    def is_long(length: int) -> bool:
        judged.append(length)
        return length > 1

    (long,) = Filter[str].by("x.", {"long": is_long}, of=len)
    assert long.kept(["a", "bb", "c", "dd", "ee"]) == ["bb", "dd", "ee"]
    assert sorted(judged) == [1, 2]


def test_the_store_is_asked_once_for_what_was_typed() -> None:
    asked: list[str] = []
    find = finding(lambda text: asked.append(text) or frozenset("b"), str.lower)
    found = find("text")
    assert ([row for row in "ABC" if found(row)], asked) == (["B"], ["text"])


def test_facts_leave_out_what_is_not_known() -> None:
    assert Facts.known("who", {"x.phone": "1", "x.mail": ""}, "below") == Facts(
        "who", ((message("x.phone"), "1"),), "below"
    )


@dataclass(frozen=True)
class Card:
    name: str
    person: str
    village: str
    is_open: bool = True


class Cards:
    """A little list of cards: its own store, and what was done."""

    def __init__(self) -> None:
        self.kept = [Card("c", "Citra", "Jimbe"), Card("a", "Ani", "Kedungwaru"), Card("b", "Budi", "Jimbe", False)]
        self.done: list[str] = []

    def screen(self) -> ListScreen[Card]:
        return ListScreen(
            title="Kartu",
            heads=(
                Head("Nama", lambda card: FigureCell(card.person), 200, lambda card: card.person),
                Head("Desa", lambda card: FigureCell(card.village)),
            ),
            load=lambda: tuple(self.kept),
            name=lambda card: card.name,
            text=lambda card: f"{card.person} {card.village}",
            reads=frozenset({"card"}),
            filters=(
                (Filter("all", "Semua", lambda _: True), Filter("open", "Terbuka", lambda card: card.is_open)),
                (
                    Filter("any", "Semua", lambda _: True),
                    Filter("jimbe", "Jimbe", lambda card: card.village == "Jimbe"),
                ),
            ),
            ticks=lambda card: card.is_open,
            empty=lambda listed: Empty(f"none {listed.filters[0]}"),
            side=lambda listed: (Numbers("Jumlah", (Number(str(len(listed.chosen)), "dipilih"),)),),
            commands=self.commands,
        )

    def commands(self, listed: Listed[Card]) -> tuple[Command, ...]:
        names = [card.name for card in listed.chosen]
        close = Operation(work=lambda: self.close(names), told=lambda count: message("x.closed", count=count))
        refused = "" if names else "choose first"
        return (Command("close", "Tutup", Action.ACCEPT, refused=refused, runs=close),)

    def close(self, names: list[str]) -> int:
        if "bad" in names:
            raise StoreError("store.disk_full")
        self.done.extend(names)
        self.kept = [replace(card, is_open=card.is_open and card.name not in names) for card in self.kept]
        return len(names)


@pytest.fixture
def cards() -> Cards:
    return Cards()


@pytest.fixture
def listing(cards: Cards) -> Listing:
    return Listing(cards.screen(), SameThread(), Steps())


def test_rows_stand_as_they_were_loaded_with_the_cursor_on_the_first(listing: Listing) -> None:
    assert listing.names == ["c", "a", "b"]
    assert listing.presenter.state.cursor == 0
    assert [row.is_ticked for row in listing.rows] == [False, False, None]


def test_the_cursor_stays_with_its_row_through_search_order_and_news(listing: Listing, cards: Cards) -> None:
    listing.presenter.select("a")
    listing.presenter.search("an")
    assert (listing.names, listing.presenter.state.cursor) == (["a"], 0)
    listing.presenter.search("")
    assert listing.presenter.state.cursor == 1
    listing.presenter.sort(0)
    assert (listing.names, listing.presenter.state.cursor) == (["a", "b", "c"], 0)
    cards.kept.insert(0, Card("0", "Aan", "Jimbe"))
    listing.presenter.refresh()
    assert (listing.names, listing.presenter.state.cursor) == (["0", "a", "b", "c"], 1)


def test_each_word_is_searched_and_nothing_found_says_so(listing: Listing) -> None:
    listing.presenter.search("jimbe BUD")
    assert listing.names == ["b"]
    listing.presenter.search("zzz")
    assert listing.presenter.state.nothing.title == message("common.not_found", text="zzz")
    assert listing.offered("close").refused == "choose first"


class Mood(StrEnum):
    GLAD = "glad"
    SAD = "sad"
    WILD = "wild"


def test_chips_of_one_value_each_count_what_they_keep(cards: Cards) -> None:
    moods = {"a": Mood.GLAD, "b": Mood.SAD, "c": Mood.GLAD}
    each: tuple[Filter[Card], ...] = Filter.each(Mood, "x.", lambda card: moods[card.name])
    screen = replace(cards.screen(), filters=((ALL, *each), cards.screen().filters[0]))
    listing = Listing(screen, SameThread(), Steps())
    assert [chip.count for chip in listing.presenter.state.chips[0]] == [3, 2, 1, 0]
    listing.presenter.choose(1, "open")
    assert [chip.count for chip in listing.presenter.state.chips[0]] == [2, 2, 0, 0]
    listing.presenter.choose(0, "sad")
    assert listing.names == []


def test_chips_show_what_each_would_leave_beside_the_other_groups(listing: Listing) -> None:
    assert listing.chips == {"all": 3, "open": 2, "any": 3, "jimbe": 2}
    listing.presenter.choose(0, "open")
    assert (listing.names, listing.chips) == (["c", "a"], {"all": 3, "open": 2, "any": 2, "jimbe": 1})
    listing.presenter.next_filter(1)
    assert listing.names == ["c"]
    listing.presenter.next_filter(1)
    listing.presenter.next_filter(5)
    assert listing.names == ["c", "a"]
    listing.presenter.search("zz")
    listing.presenter.search("")
    listing.presenter.search("budi")
    assert listing.chips["open"] == 0


def test_an_empty_chip_says_what_belongs_there(listing: Listing, cards: Cards) -> None:
    cards.kept = [Card("b", "Budi", "Jimbe", is_open=False)]
    listing.presenter.choose(0, "open")
    listing.presenter.refresh()
    assert listing.presenter.state.nothing == Empty("none open")


def test_a_column_orders_turns_and_lets_go(listing: Listing) -> None:
    listing.presenter.sort(0)
    listing.presenter.sort(0)
    assert (listing.names, listing.presenter.state.order) == (["c", "b", "a"], Order(0, is_descending=True))
    listing.presenter.sort(0)
    assert (listing.names, listing.presenter.state.order) == (["c", "a", "b"], Order())
    listing.presenter.sort(1)  # has no order
    assert listing.presenter.state.order == Order()


def test_one_key_walks_through_the_orders(listing: Listing) -> None:
    orders = []
    for _ in range(3):
        listing.presenter.sort_next()
        orders.append(listing.presenter.state.order)
    assert orders == [Order(0), Order(0, is_descending=True), Order()]


def test_rows_are_ticked_one_by_one_or_all_and_only_those_that_may(listing: Listing) -> None:
    listing.presenter.tick("b")
    assert listing.ticked == []
    listing.presenter.tick_current()
    assert listing.ticked == ["c"]
    listing.presenter.tick_all()
    assert listing.ticked == ["c", "a"]
    assert listing.presenter.state.tags[0].words == message("ui.list.ticked", count=2)
    listing.presenter.tick_all()
    assert listing.ticked == []


def test_a_command_is_about_the_ticked_rows_else_the_one_under_the_cursor(listing: Listing, cards: Cards) -> None:
    listing.presenter.select("a")
    listing.press("close")
    listing.presenter.refresh()
    assert cards.done == ["a"]
    listing.presenter.tick("c")
    assert listing.panels(Numbers)[0].numbers[0].value == "1"
    listing.press("close")
    listing.presenter.refresh()
    assert cards.done == ["a", "c"]
    assert listing.ticked == []  # what can no longer be ticked is not chosen any more
    assert listing.presenter.state.tags == ()


def test_what_was_done_is_told_once(listing: Listing) -> None:
    listing.press("close")
    toast = listing.presenter.state.toast
    assert toast is not None
    assert toast.words == message("x.closed", count=1)


def test_a_problem_stands_above_the_list_and_nothing_is_lost(listing: Listing, cards: Cards) -> None:
    cards.kept = [Card("bad", "Bad", "Jimbe")]
    listing.presenter.refresh()
    listing.presenter.tick("bad")
    listing.press("close")
    assert listing.presenter.state.problem == StoreError("store.disk_full").problem
    assert listing.ticked == ["bad"]


def test_a_second_press_while_it_runs_does_nothing(cards: Cards) -> None:
    tasks = SameThread(STORE)
    listing = Listing(cards.screen(), tasks, Steps())
    tasks.release(STORE)
    listing.press("close")
    listing.press("close")
    tasks.release(STORE)
    assert cards.done == ["c"]
    listing.press("close")
    tasks.release(STORE)
    assert cards.done == ["c", "c"]


def test_the_store_finds_and_an_older_answer_is_passed_over(cards: Cards) -> None:
    tasks = SameThread(STORE)
    asked: list[str] = []

    def find(text: str):
        asked.append(text)
        return lambda card: card.name == text

    listing = Listing(replace(cards.screen(), find=find), tasks, Steps())
    tasks.release(STORE)
    listing.presenter.search("a")
    listing.presenter.search("c")
    tasks._held[STORE].pop(0)()
    listing.presenter.choose(0, "all")
    assert listing.names == ["c", "a", "b"], "more was typed meanwhile"
    tasks.release(STORE)
    assert (listing.names, asked) == (["c"], ["a", "c"])
    listing.presenter.refresh()
    tasks.release(STORE)
    assert (listing.names, asked) == (["c"], ["a", "c", "c"])
    listing.presenter.search(" ")
    assert listing.names == ["c", "a", "b"]


def test_a_command_pressed_while_the_store_searches_is_done_to_what_is_found(cards: Cards) -> None:
    tasks = SameThread(STORE)
    listing = Listing(replace(cards.screen(), find=lambda text: lambda card: card.name == text), tasks, Steps())
    tasks.release(STORE)
    listing.presenter.search("a")
    listing.press("close")
    listing.press("close")
    tasks.release(STORE)
    tasks.release(STORE)
    assert cards.done == ["a"]
    listing.presenter.search("nobody")
    listing.press("close")
    tasks.release(STORE)
    tasks.release(STORE)
    assert cards.done == ["a"]


def test_a_command_is_not_done_when_the_search_fails(cards: Cards) -> None:
    tasks = SameThread(STORE)

    def find(_text: str) -> Callable[[Card], bool]:
        raise StoreError("store.damaged")

    listing = Listing(replace(cards.screen(), find=find), tasks, Steps())
    tasks.release(STORE)
    listing.presenter.search("a")
    listing.press("close")
    tasks.release(STORE)
    assert cards.done == []
    assert listing.presenter.state.problem == StoreError("store.damaged").problem
    listing.press("close")
    tasks.release(STORE)
    assert cards.done == ["c"]


def test_it_begins_where_the_list_says(cards: Cards) -> None:
    screen = replace(cards.screen(), begins_at=lambda card: card.name == "b")
    assert Listing(screen, SameThread(), Steps()).presenter.state.cursor == 2
    nowhere = replace(screen, begins_at=lambda _: False)
    assert Listing(nowhere, SameThread(), Steps()).presenter.state.cursor == 0


def test_a_list_that_cannot_be_read_offers_another_try(cards: Cards) -> None:
    steps = Steps()

    def load() -> list[Card]:
        if steps.taken:
            return cards.kept
        raise StoreError("store.damaged")

    listing = Listing(replace(cards.screen(), load=load), SameThread(), steps)
    state = listing.presenter.state
    assert state.stage is Stage.ERROR
    assert state.retry is not None
    assert state.bar.back is not None
    listing.presenter.perform(state.bar.back)
    assert steps.taken == [("back",)]
    listing.presenter.perform(state.retry)
    assert listing.presenter.state.stage is Stage.CONTENT
    assert listing.names == ["c", "a", "b"]


def test_it_reads_what_its_screen_names(cards: Cards) -> None:
    assert ListPresenter(cards.screen(), SameThread(), Steps()).reads == {"card"}


def test_the_state_knows_where_the_cursor_went(cards: Cards) -> None:
    listing = Listing(cards.screen(), SameThread(), Steps())
    listing.presenter.select("b")
    assert listing.presenter.state.cursor == 2, "whoever draws the rows anew, in another language, stands there again"


def test_what_moves_outside_the_store_is_followed_while_the_list_is_in_front(cards: Cards) -> None:
    tellers: list[Tell] = []

    def follow(tell: Tell) -> Callable[[], None]:
        tellers.append(tell)
        return lambda: tellers.remove(tell)

    moving = replace(cards.screen(), follow=follow, progress=lambda: Progress("Mengirim", len(cards.done), 2))
    listing = Listing(moving, SameThread(), Steps())
    cards.done.append("a")
    tellers[0](None)
    assert listing.presenter.state.progress == Progress("Mengirim", 1, 2)
    tellers[0](Toast("Selesai"))
    tellers[0](Problem("sync.unreachable"))
    state = listing.presenter.state
    assert (state.toast and state.toast.words, state.problem) == ("Selesai", Problem("sync.unreachable"))
    listing.presenter.start()
    assert len(tellers) == 1
    listing.presenter.stop()
    assert tellers == []


def test_what_stands_beside_a_row_is_read_once_when_the_cursor_comes_to_it(cards: Cards) -> None:
    read = list[str]()

    def about(card: Card) -> str:
        if card.person == "bad":
            raise StoreError("store.not_found")
        read.append(card.name)
        return card.village

    screen = replace(cards.screen(), about=about, side=lambda listed: (Hint(str(listed.about)),))
    listing = Listing(screen, SameThread(), Steps())
    assert listing.presenter.state.panels == (Hint("Jimbe"),)
    listing.presenter.select("a")
    listing.presenter.sort(0)
    assert (read, listing.presenter.state.panels) == (["c", "a"], (Hint("Kedungwaru"),))
    cards.kept[1] = replace(cards.kept[1], village="Jatinom")
    listing.presenter.refresh()
    assert listing.presenter.state.panels == (Hint("Jatinom"),)
    cards.kept[1] = replace(cards.kept[1], person="bad")
    listing.presenter.refresh()
    assert listing.presenter.state.panels == (Hint("None"),)
    assert listing.presenter.state.problem is not None


def test_a_list_knows_whose_it_is_where_it_leads_and_who_may(tmp_path: Path) -> None:
    kit, steps = Kit(tmp_path, PETUGAS), Steps()
    try:
        office = OfficeList(kit.context, steps, "a1")
        command = office._opens("accept", "Buka", Action.ACCEPT, "", "visit", activity_id=office._of)
        assert command.weight is Weight.PRIMARY
        assert callable(command.runs)
        command.runs()
        assert steps.taken == [("push", "visit", "a1")]
        assert office._refusal(Permission.RECORD, "x.not_yours") == ""
        assert office._refusal(Permission.KEEP_PROFILE, "x.not_yours") == message("x.not_yours")
        late = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
        assert (office._moment_text(late), office._day_text(late)) == ("02-03-2026 03.30", "02-03-2026")
    finally:
        kit.store.close()
