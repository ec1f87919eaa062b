from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from support.app_context import Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import StoreError
from fieldkit.domain.typed import DraftName
from ui.presenters.form import Drafting, FormField, Pick, says, texts_of
from ui.presenters.lists import Facts
from ui.presenters.parts import Choice, Empty, Stage
from ui.presenters.presenter import Operation, enter
from ui.presenters.work_form import Around, Filled, WorkForm, WorkFormPresenter

CHOICES = (Choice("a", "A"), Choice("b", "B"))


@dataclass
class Place:
    """What the form of a test is about."""

    about: str = "v1"
    texts: dict[str, str] = field(default_factory=lambda: {"note": "", "outcome": "", "why": ""})
    refused: str = ""
    is_open: bool = True
    is_empty: bool = False
    is_readable: bool = True
    given_up: int = 0
    kept: int = 0
    title: str = ""
    filled: Filled | None = None

    def load(self) -> tuple[FormField, ...]:
        if not self.is_readable:
            raise StoreError("store.disk_full")
        return (
            FormField("note", "Catatan", self.texts["note"]),
            FormField("outcome", "Hasil", self.texts["outcome"], choices=CHOICES, pick=Pick.DIGITS),
            FormField("why", "Alasan", self.texts["why"], is_asked=False),
        )

    def keep(self, values: Mapping[str, str]) -> str:
        self.texts = dict(values)
        self.kept += 1
        return values["note"]

    def adapt(self, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        wants = texts_of(fields)["outcome"] == "b"
        return tuple(replace(each, is_asked=wants) if each.name == "why" else each for each in fields)

    def give_up(self) -> None:
        self.given_up += 1

    def around(self, filled: Filled) -> Around:
        words = "simpan" if filled.is_changed else "catat"
        facts = Facts("Tentang", (), filled.texts["note"])
        empty = Empty("kosong") if self.is_empty else None
        look = Operation(work=lambda: None, executor="gps", busy="mencari")
        commands = (replace(enter("gps", look), name="look", act=None), enter(words, filled.keep, self.refused))
        self.filled = filled
        return Around(commands, (facts,), (), "Jimbe", empty, self.is_open, self.title, "di bawah", "di bar")


def opened(
    kit: Kit, place: Place, tasks: SameThread | None = None, keeps_every_ms: int = 0, steps: Steps | None = None
) -> WorkFormPresenter:
    form = WorkForm(
        "Judul",
        place.load,
        place.keep,
        go_on=lambda navigator, kept: navigator.back() if kept == "pulang" else None,
        adapt=place.adapt,
        around=place.around,
        about=lambda: place.about,
        reads=frozenset({"visit"}),
        told=lambda kept: f"disimpan: {kept}",
        give_up=place.give_up,
        keeps_every_ms=keeps_every_ms,
    )
    lanes = tasks or SameThread()
    drafting = Drafting(kit.context, lanes, DraftName("visit", {"id": "1"}))
    presenter = WorkFormPresenter(form, lanes, steps or Steps(), drafting)
    presenter.start()
    return presenter


def words(presenter: WorkFormPresenter) -> object:
    return presenter.state.bar.actions[-1].words


def test_what_stands_around_follows_what_is_typed(kit: Kit) -> None:
    presenter = opened(kit, Place())
    assert (presenter.state.stage, presenter.state.where, words(presenter)) == (Stage.CONTENT, "Jimbe", "catat")
    presenter.type("note", "di sawah")
    assert words(presenter) == "simpan"
    assert presenter.state.side == (Facts("Tentang", (), "di sawah"),)
    assert presenter.reads == {"visit"}


def test_enter_keeps_and_the_form_goes_on(kit: Kit) -> None:
    place = Place()
    presenter = opened(kit, place)
    presenter.type("note", "di sawah")
    presenter.accept()
    assert place.texts["note"] == "di sawah"
    assert presenter.state.toast is not None
    assert (presenter.state.toast.words, words(presenter), presenter.typed()) == ("disimpan: di sawah", "catat", {})
    assert kit.context.drafts.mine() == []
    place.refused = "nanti"
    presenter.type("note", "di pasar")
    presenter.accept()
    assert place.texts["note"] == "di sawah"


def test_the_chosen_one_once_more_is_none_and_asks_nothing_any_more(kit: Kit) -> None:
    presenter = opened(kit, Place())
    presenter.choose("outcome", "b")
    presenter.type("why", "sakit")
    assert presenter.state.fields[2].is_asked
    presenter.choose("outcome", "b")
    assert [(each.text, each.is_asked) for each in presenter.state.fields] == [("", True), ("", True), ("sakit", False)]


def test_what_was_typed_stays_while_it_is_read_anew(kit: Kit) -> None:
    place = Place()
    presenter = opened(kit, place)
    presenter.type("note", "di sawah")
    place.texts["outcome"] = "a"
    presenter.refresh()
    assert [each.text for each in presenter.state.fields] == ["di sawah", "a", ""]
    presenter.stop()
    assert opened(kit, place).state.restored


def test_a_draft_is_about_one_thing_only(kit: Kit) -> None:
    place = Place()
    presenter = opened(kit, place)
    presenter.type("note", "di sawah")
    presenter.stop()
    place.about = "v2"
    presenter.refresh()
    assert (presenter.typed(), presenter.state.fields[0].text) == ({}, "")
    assert opened(kit, place).state.restored == ""


def test_who_may_not_fill_it_looks(kit: Kit) -> None:
    presenter = opened(kit, Place(is_open=False))
    presenter.type("note", "x")
    presenter.choose("outcome", "a")
    assert presenter.typed() == {}


def test_esc_gives_up_waiting_before_it_leaves(kit: Kit) -> None:
    place, tasks = Place(), SameThread("gps")
    presenter = opened(kit, place, tasks)
    presenter.perform(presenter.state.bar.actions[0])
    assert presenter.state.stage is Stage.BUSY
    presenter.back()
    assert place.given_up == 1


def test_where_there_is_nothing_or_it_cannot_be_read_that_is_said(kit: Kit) -> None:
    assert opened(kit, Place(is_empty=True)).state.stage is Stage.EMPTY
    place = Place(is_readable=False)
    presenter = opened(kit, place)
    assert (presenter.state.stage, presenter.state.retry is not None) == (Stage.ERROR, True)
    place.is_readable = True
    presenter.refresh()
    assert (presenter.state.stage, presenter.state.problem) == (Stage.CONTENT, None)


def test_what_it_is_about_may_be_known_only_when_it_is_read(kit: Kit) -> None:
    presenter = opened(kit, Place())
    assert (presenter.state.title, presenter.state.hint, presenter.state.bar.note) == ("Judul", "di bawah", "di bar")
    assert opened(kit, Place(title="Sukinah")).state.title == "Sukinah"


def test_what_stands_there_is_kept_by_itself_and_on_leaving(kit: Kit) -> None:
    place, tasks, steps = Place(), SameThread(), Steps()
    presenter = opened(kit, place, tasks, keeps_every_ms=5_000, steps=steps)
    presenter.type("note", "pulang")
    assert place.texts["note"] == ""
    tasks.tick()
    assert (place.texts["note"], presenter.typed(), presenter.state.toast) == ("pulang", {}, None)
    assert kit.context.drafts.mine() == []
    presenter.type("note", "di pasar")
    presenter.stop()
    assert place.texts["note"] == "di pasar"
    place.is_open = False
    presenter.start()
    presenter.stop()
    tasks.tick()
    assert (place.texts["note"], steps.taken) == ("di pasar", [])


def test_an_operation_that_accepts_what_stands_there_leaves_no_draft(kit: Kit) -> None:
    place, said = Place(), list[str]()
    presenter = opened(kit, place)
    presenter.type("note", "di sawah")
    presenter.settle()
    assert kit.context.drafts.mine() != []
    assert place.filled is not None
    place.filled.accept(Operation(work=lambda: "surat", done=said.append))
    assert (said, presenter.typed(), kit.context.drafts.mine()) == (["surat"], {}, [])


def test_blank_lines_say_nothing() -> None:
    long = FormField("points", "Hal", "satu\ndua", is_long=True)
    assert says(replace(long, text="satu\n\n dua \n")) == says(long)
    assert says(replace(long, is_long=False, text=" dua ")) == " dua "


def test_it_listens_and_keeps_by_itself_only_while_it_is_in_front(kit: Kit) -> None:
    place, tasks, heard = Place(), SameThread(), list[Callable[[], None]]()

    def follow(tell: Callable[[], None]) -> Callable[[], None]:
        heard.append(tell)
        return lambda: heard.remove(tell)

    form = WorkForm(
        "", place.load, place.keep, around=place.around, about=lambda: "v1", follow=follow, keeps_every_ms=9
    )
    presenter = WorkFormPresenter(form, tasks, Steps(), Drafting(kit.context, tasks, DraftName("visit")))
    presenter.stop()
    presenter.start()
    place.refused = "nanti"
    heard[0]()
    assert presenter.state.bar.actions[-1].refused == "nanti"
    presenter.start()
    presenter.stop()
    assert ([timer.is_stopped for timer in tasks.timers], heard) == ([True, True], [])
    assert opened(kit, Place(), other := SameThread()).state.stage is Stage.CONTENT
    assert other.timers == []


def test_before_it_is_read_what_moves_around_it_shows_nothing(kit: Kit) -> None:
    tasks = SameThread("store")
    presenter = opened(kit, Place(), tasks)
    presenter._show_around()
    presenter.accept()
    assert (presenter.state.stage, presenter.typed(), len(tasks._held["store"])) == (Stage.LOADING, {}, 1)


def test_what_stands_around_and_the_fields_are_of_one_reading(kit: Kit) -> None:
    """The timer of a visit once asked the old fields for an outcome, when the new ones were read and not yet shown."""
    place, tasks = Place(), SameThread()
    presenter = opened(kit, place, tasks)
    tasks.hold("store")
    presenter.refresh()
    presenter.refresh()
    place.title = "Kunjungan berjalan"
    presenter._show_around()
    presenter.type("note", "di sawah")
    assert presenter.state.title == "Judul"
    tasks._held["store"].pop(0)()  # a later reading is under way
    assert (presenter.state.title, presenter.state.fields[0].text) == ("Judul", "di sawah")
    tasks.release("store")
    assert (presenter.state.title, presenter.state.fields[0].text) == ("Kunjungan berjalan", "di sawah")
    place.is_readable = False
    presenter.refresh()
    tasks.release("store")
    place.title = "Tutup"
    presenter.type("note", "di rumah")
    assert presenter.state.title == "Tutup"


def test_what_is_chosen_by_digits_is_taken_back_by_the_same_digit_and_nothing_else(kit: Kit) -> None:
    digits = FormField("digits", "", choices=CHOICES, pick=Pick.DIGITS)
    form = WorkForm(
        "", lambda: (digits, replace(digits, name="grid", pick=Pick.GRID)), print, around=lambda _: Around(), about=str
    )
    tasks = SameThread()
    presenter = WorkFormPresenter(form, tasks, Steps(), Drafting(kit.context, tasks, DraftName("x")))
    presenter.start()
    seen = []
    for choice in "abb":
        for name in ("digits", "grid"):
            presenter.choose(name, choice)
        seen.append(tuple(field.text for field in presenter.state.fields))
    assert seen == [("a", "a"), ("b", "b"), ("", "b")]


def test_a_screen_without_commands_keeps_nothing_on_enter(kit: Kit) -> None:
    kept: list[Mapping[str, str]] = []
    form = WorkForm(
        "Judul", lambda: (FormField("note", ""),), kept.append, "hint", around=lambda _: Around(), about=lambda: ""
    )
    tasks = SameThread()
    presenter = WorkFormPresenter(form, tasks, Steps(), Drafting(kit.context, tasks, DraftName("x")))
    presenter.start()
    presenter.type("note", "x")
    presenter.accept()
    assert (kept, presenter.state.title, presenter.state.hint) == ([], "Judul", "hint")
    assert presenter.typed() == {"note": "x"}, "about nothing in particular"
    presenter.back()


def test_it_keeps_nothing_by_itself_while_something_else_is_under_way(kit: Kit) -> None:
    place, tasks = Place(), SameThread("gps")
    presenter = opened(kit, place, tasks, keeps_every_ms=5_000)
    presenter.type("note", "di sawah")
    presenter.perform(presenter.state.bar.actions[0])
    tasks.tick()
    assert place.texts["note"] == ""
    tasks.release("gps")
    tasks.tick()
    assert place.texts["note"] == "di sawah"


def test_what_is_typed_while_it_is_kept_is_still_a_draft(kit: Kit) -> None:
    place, tasks = Place(), SameThread("store")
    presenter = opened(kit, place, tasks, keeps_every_ms=5_000)
    tasks.release("store")
    presenter.type("note", "di")
    tasks.tick()
    tasks.tick()
    presenter.type("note", "di sawah")
    tasks.release("store")
    assert (place.texts["note"], place.kept) == ("di", 1)
    assert presenter.typed() == {"note": "di sawah", "about": "v1"}
    presenter.settle()
    tasks.release("store")
    assert [draft.fields["note"] for draft in kit.context.drafts.mine()] == ["di sawah"]


def test_what_was_kept_elsewhere_alike_is_no_draft_any_more(kit: Kit) -> None:
    place = Place()
    presenter = opened(kit, place)
    presenter.type("note", "di sawah")
    presenter.settle()
    place.texts["note"] = "di sawah"
    presenter.refresh()
    presenter.settle()
    assert (presenter.typed(), kit.context.drafts.mine()) == ({}, [])


def test_enter_goes_where_what_was_kept_leads(kit: Kit) -> None:
    steps = Steps()
    presenter = opened(kit, Place(), steps=steps)
    presenter.type("note", "pulang")
    presenter.accept()
    presenter.back()
    assert steps.taken == [("back",), ("back",)]


def test_what_was_typed_since_the_draft_stays_while_it_is_read_anew(kit: Kit) -> None:
    presenter = opened(kit, Place())
    presenter.type("note", "di sawah")
    presenter.settle()
    presenter.type("note", "di sawah, lalu di rumah")
    presenter.refresh()
    assert (presenter.state.fields[0].text, presenter.state.restored) == ("di sawah, lalu di rumah", "")


def test_it_keeps_nothing_by_itself_once_it_is_closed(kit: Kit) -> None:
    place, tasks = Place(), SameThread()
    presenter = opened(kit, place, tasks, keeps_every_ms=5_000)
    presenter.type("note", "di sawah")
    place.is_open = False
    presenter.refresh()
    tasks.tick()
    assert (place.kept, bool(presenter.typed())) == (0, True)
