from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace

from support.app_context import Kit
from support.drafts import begun, form_on
from support.recording import ScriptedDevice
from support.recording_window import jpeg
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError, Problem, Recovery, StoreError
from fieldkit.domain.typed import DraftName, read_day
from fieldkit.ports.devices import Cancel, DeviceKind, PreviewSink
from ui.presenters.form import Drafting, Form, FormField, FormPresenter, Labels
from ui.presenters.parts import Choice, Stage
from ui.presenters.presenter import message
from ui.presenters.readers import answer, papers
from ui.presenters.tasks import STORE
from ui.presenters.viewfinder import Viewfinder

FIELDS = (
    FormField("name", "Nama", "Kit"),
    FormField("kind", "Jenis", "a", choices=(Choice("a", "A"), Choice("b", "B"))),
    FormField("items", "Barang", "x", choices=(Choice("x", "X"), Choice("y", "Y")), is_many=True),
)


def opened(kit: Kit, steps: Steps, keep=lambda _: None, tasks: SameThread | None = None) -> FormPresenter:
    presenter = form_on(kit.context, Form("Judul", lambda: FIELDS, keep), tasks or SameThread(), steps, "kits")
    presenter.start()
    return presenter


def test_what_is_typed_and_chosen_is_kept_together(kit: Kit, steps: Steps) -> None:
    kept: list[dict[str, str]] = []
    presenter = opened(kit, steps, lambda values: kept.append(dict(values)))
    presenter.type("name", "Kit 08")
    presenter.choose("kind", "b")
    presenter.choose("items", "y")
    presenter.start()  # coming back loses nothing
    presenter.accept()
    assert kept == [{"name": "Kit 08", "kind": "b", "items": "x y"}]
    assert steps.taken == [("back",)]


def test_one_of_many_is_taken_out_again(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, steps)
    presenter.choose("items", "x")
    assert presenter.state.fields[2].chosen == ()


def test_a_refusal_stays_on_the_form_until_something_changes(kit: Kit, steps: Steps) -> None:
    def keep(_values: object) -> None:
        raise InputError("card.none_chosen")

    presenter = opened(kit, steps, keep)
    presenter.accept()
    assert presenter.state.problem is not None
    presenter.type("name", "x")
    assert presenter.state.problem is None
    presenter.accept()
    assert presenter.state.problem is not None
    assert steps.taken == []
    presenter.back()
    assert steps.taken == [("back",)]


def test_one_field_follows_another_and_what_is_kept_leads_on(kit: Kit, steps: Steps) -> None:
    def adapt(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        name, kind, items = fields
        return (name, kind, replace(items, choices=(Choice("z", kind.text),)))

    form = Form("Judul", lambda: FIELDS, lambda _: "t1", go_on=lambda to, kept: to.replace(kept), adapt=adapt)
    presenter = form_on(kit.context, form, SameThread(), steps)
    presenter.start()
    presenter.choose("kind", "b")
    assert presenter.state.fields[2].choices == (Choice("z", "b"),)
    presenter.accept()
    assert steps.taken == [("replace", "t1")]


def test_enter_twice_keeps_once(kit: Kit, steps: Steps) -> None:
    kept: list[object] = []
    tasks = SameThread("store")
    presenter = opened(kit, steps, kept.append, tasks)
    tasks.release("store")
    presenter.accept()
    presenter.accept()
    tasks.release("store")
    assert len(kept) == 1


def test_what_cannot_be_loaded_is_an_error(kit: Kit, steps: Steps) -> None:
    def load() -> tuple[FormField, ...]:
        raise StoreError("store.not_found")

    presenter = form_on(kit.context, Form("Judul", load, lambda _: None), SameThread(), steps)
    presenter.start()
    assert presenter.state.stage is Stage.ERROR
    presenter.accept()
    assert steps.taken == []


def test_what_was_typed_stands_there_again_until_it_is_accepted(kit: Kit, steps: Steps) -> None:
    left = opened(kit, steps)
    left.type("name", "Kit 08")
    left.choose("items", "y")
    left.stop()  # Esc
    kit.clock.advance(minutes=7)
    again = opened(kit, steps)
    assert [field.text for field in again.state.fields] == ["Kit 08", "a", "x y"]
    assert again.state.restored == message("isian.restored", at="21-11-2026 09.00")
    again.accept()
    assert again.state.restored == ""
    assert not opened(kit, steps).state.restored


def test_a_refused_form_is_still_a_draft(kit: Kit, steps: Steps) -> None:
    def keep(_values: object) -> None:
        raise InputError("sarpras.no_name")

    refused = opened(kit, steps, keep)
    refused.type("name", "?")
    refused.accept()
    assert opened(kit, steps).state.fields[0].text == "?"
    refused.type("name", "!")
    refused.settle()
    assert opened(kit, steps).state.fields[0].text == "!"


def test_thrown_away_it_is_gone_and_comes_back_for_ten_seconds(kit: Kit, steps: Steps) -> None:
    opened(kit, steps).throw_away()
    left = opened(kit, steps)
    left.type("name", "Kit 08")
    left.settle()
    again = opened(kit, steps)
    again.throw_away()
    assert (again.state.fields[0].text, again.state.restored) == ("Kit", "")
    assert opened(kit, steps).state.restored == ""
    again.take_back()
    assert again.state.fields[0].text == "Kit 08"
    assert opened(kit, steps).state.restored


def test_what_can_no_longer_be_chosen_is_passed_over(kit: Kit, steps: Steps) -> None:
    left = opened(kit, steps)
    left.choose("kind", "b")
    left.type("name", "Kit 08")
    left.settle()
    fewer = (FIELDS[0], replace(FIELDS[1], choices=(Choice("a", "A"),)), FIELDS[2])
    again = form_on(kit.context, Form("Judul", lambda: fewer, lambda _: None), SameThread(), steps, "kits")
    again.start()
    assert [field.text for field in again.state.fields] == ["Kit 08", "a", "x"]


def test_the_wrong_field_is_marked_until_it_is_typed_into(kit: Kit, steps: Steps) -> None:
    def keep(values: Mapping[str, str]) -> object:
        if not values["name"].strip():
            raise InputError("sarpras.no_name").at("name")
        return answer(values, "kind", read_day)

    presenter = opened(kit, steps, keep)
    presenter.type("name", " ")
    presenter.accept()
    first = presenter.state.wrong
    assert (first and first.name, presenter.state.problem) == ("name", None)
    assert presenter.state.fields[0].problem == Problem(
        "sarpras.no_name", recovery=Recovery.CORRECT_INPUT, field_name="name"
    )
    presenter.accept()
    assert presenter.state.wrong != first  # it takes the keyboard again
    presenter.choose("items", "y")
    assert presenter.state.fields[0].problem  # that one is still wrong
    presenter.type("name", "Kit")
    assert not presenter.state.fields[0].problem
    presenter.accept()
    assert [bool(field.problem) for field in presenter.state.fields] == [False, True, False]


def test_a_problem_of_a_field_that_is_not_asked_stands_above(kit: Kit, steps: Steps) -> None:
    def keep(_values: object) -> None:
        raise InputError("typed.day", text="besok").at("on")

    presenter = opened(kit, steps, keep)
    presenter.accept()
    assert (presenter.state.problem and presenter.state.problem.code, presenter.state.wrong) == ("typed.day", None)


PAPERS = (FormField("name", "Nama"), FormField("scans", "Pindaian", is_paper=True, is_many=True))
CAMERA = "device:camera"


class Frames:
    def offer(self, frame: bytes) -> None: ...


def photographing(
    kit: Kit, steps: Steps, tasks: SameThread, kept: list[object] | None = None, fields: tuple[FormField, ...] = PAPERS
) -> FormPresenter:
    camera = ScriptedDevice(DeviceKind.CAMERA)
    camera.frame = jpeg(1_200, 800)
    kit.devices.there = {DeviceKind.CAMERA: camera}

    def keep(values: Mapping[str, str]) -> None:
        (kept if kept is not None else []).append(papers(values, "scans"))

    presenter = FormPresenter(
        Form("Surat", lambda: fields, keep),
        tasks,
        steps,
        Drafting(kit.context, tasks, DraftName("papers")),
        lambda changed: Viewfinder(kit.context, tasks, Frames, changed),
    )
    presenter.start()
    return presenter


def take(presenter: FormPresenter, tasks: SameThread) -> None:
    """Photograph a paper and look at it; the stream of the scripted camera ends by itself."""
    presenter.photograph("scans")
    presenter._camera.take()
    tasks.release(CAMERA)


def test_a_paper_is_photographed_looked_at_and_kept_with_the_draft(kit: Kit, steps: Steps) -> None:
    tasks, kept = SameThread(CAMERA), []
    presenter = photographing(kit, steps, tasks, kept)
    presenter.type("name", "Jimbe")
    presenter.photograph("scans")
    assert presenter.state.bar.actions[0].refused, "nothing is seen yet"
    take(presenter, tasks)
    photo = presenter.state.photo
    assert photo is not None
    assert photo.jpeg
    assert [command.name for command in presenter.state.bar.actions] == ["repeat", "accept"]
    presenter.accept()
    assert presenter.state.photo is None
    assert presenter.state.fields[1].text == "foto-1.jpg"
    again = photographing(kit, steps, tasks, kept)  # as after a kill: another window, the same store
    assert [field.text for field in again.state.fields] == ["Jimbe", "foto-1.jpg"]
    take(again, tasks)
    again.accept()
    assert again.state.fields[1].text == "foto-1.jpg; foto-2.jpg"
    again.accept()
    assert kept == [[("foto-1.jpg", photo.jpeg), ("foto-2.jpg", photo.jpeg)]]
    assert kit.context.drafts.find(DraftName("papers")) is None
    assert steps.taken == [("back",)]


def test_a_photo_is_taken_again_or_left(kit: Kit, steps: Steps) -> None:
    tasks = SameThread(CAMERA)
    presenter = photographing(kit, steps, tasks)
    take(presenter, tasks)
    presenter.look_again()
    assert presenter.state.photo is not None
    assert not presenter.state.photo.jpeg
    presenter.back()
    assert presenter.state.photo is None
    assert (presenter.state.fields, steps.taken) == (PAPERS, [])
    assert presenter.state.bar.actions[0].words == message("common.save")
    tasks.release(CAMERA)
    assert presenter.state.photo is None, "what comes after Esc is not shown"


def test_a_camera_that_is_away_is_said_and_looked_for_again(kit: Kit, steps: Steps) -> None:
    tasks = SameThread()
    presenter = photographing(kit, steps, tasks)
    there, kit.devices.there = kit.devices.there, {}
    presenter.photograph("scans")
    assert presenter.state.photo is not None
    assert isinstance(presenter.state.photo.away, Problem)
    again, use = presenter.state.bar.actions
    assert (again.words, bool(use.refused)) == (message("common.try_again"), True)
    presenter.perform(use)
    kit.devices.there = there
    presenter.perform(again)
    assert presenter.state.photo.is_live


def test_a_photo_that_no_field_names_any_more_goes_with_the_draft(kit: Kit, steps: Steps) -> None:
    tasks = SameThread(CAMERA)
    presenter = photographing(kit, steps, tasks)
    take(presenter, tasks)
    presenter.accept()
    assert set(presenter.typed()) == {"scans", "foto-1.jpg"}
    presenter.type("scans", "")
    assert presenter.typed() == {}


def test_a_form_that_comes_back_looks_again_and_keeps_a_photo_that_was_taken(kit: Kit, steps: Steps) -> None:
    tasks = SameThread(CAMERA)
    presenter = photographing(kit, steps, tasks)
    take(presenter, tasks)
    taken = presenter.state.photo
    presenter.stop()
    presenter.start()
    assert presenter.state.photo is taken
    presenter.look_again()
    presenter.stop()
    presenter.start()
    tasks.release(CAMERA)
    assert presenter.state.photo is not None
    assert presenter.state.photo.is_live


def test_a_field_is_labelled_by_its_name_and_keeps_what_is_still_offered() -> None:
    named = Labels("x.")
    few, more = Choice.each("ab", "x.of_"), Choice.each("abc", "x.of_")
    assert few[0] == Choice("a", message("x.of_a"))
    assert named("note", "text", "x.hint") == FormField("note", message("x.note"), "text", message("x.hint"))
    many = named("wanted", "b c", choices=more, is_many=True)
    assert (many.offering(few).text, many.offering(few).choices) == ("b", few)
    one = named("wanted", "c", choices=more)
    assert (one.offering(more).text, one.offering(few).text) == ("c", "a")
    assert named("wanted", "c", choices=more, is_many=True).offering(few).text == ""


class Live(ScriptedDevice):
    """A camera of which somebody sees the first frame, and then does something."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__(DeviceKind.CAMERA)
        self.frame, self._then = jpeg(1_200, 800), then

    def stream(self, positions: object, preview: PreviewSink, cancel: Cancel) -> None:
        preview.offer(self.frame)
        self._then()


def test_enter_takes_what_is_live_and_nothing_before(kit: Kit, steps: Steps) -> None:
    tasks = SameThread(CAMERA)
    presenter = photographing(kit, steps, tasks)
    presenter.photograph("scans")
    presenter.accept()
    tasks.release(CAMERA)
    assert presenter.state.photo is not None
    assert (presenter.state.photo.is_live, presenter.state.photo.jpeg) == (True, b"")
    (command,) = presenter.state.bar.actions
    assert command.refused == ""
    kit.devices.there = {DeviceKind.CAMERA: Live(lambda: presenter.perform(command))}
    presenter.look_again()
    tasks.release(CAMERA)
    assert presenter.state.photo.jpeg


def test_a_field_of_one_paper_names_the_last_photo_alone(kit: Kit, steps: Steps) -> None:
    tasks = SameThread(CAMERA)
    presenter = photographing(kit, steps, tasks, fields=(FormField("scans", "Pindaian", is_paper=True),))
    for _ in range(2):
        take(presenter, tasks)
        presenter.accept()
    assert (presenter.state.fields[0].text, set(presenter.typed())) == ("foto-2.jpg", {"scans", "foto-2.jpg"})


def test_a_paper_that_is_called_as_a_field_is_no_photo(kit: Kit, steps: Steps) -> None:
    kit.context.drafts.keep(DraftName("papers"), {"name": "Jimbe", "scans": "name"})
    presenter = photographing(kit, steps, SameThread())
    presenter.type("name", "Kedungwaru")
    assert presenter.typed() == {"name": "Kedungwaru", "scans": "name"}


FORM = DraftName("form")


def kept(kit: Kit) -> object:
    found = kit.context.drafts.find(FORM)
    return None if found is None else found.fields


def test_it_is_written_some_time_after_the_last_key_and_not_with_each(kit: Kit) -> None:
    tasks = SameThread()
    drafting = Drafting(kit.context, tasks, FORM)
    for text in ("S", "SI", "SIT"):
        drafting.note({"name": text})
    assert kept(kit) is None
    assert [timer.is_stopped for timer in tasks.timers] == [True, True, False]
    tasks.tick()
    assert kept(kit) == {"name": "SIT"}
    tasks.tick()
    assert all(timer.is_stopped for timer in tasks.timers)


def test_it_is_written_at_once_when_told_to_and_forgotten_when_all_is_as_it_was(kit: Kit) -> None:
    drafting = Drafting(kit.context, SameThread(), FORM)
    drafting.note({"name": "SITI"})
    drafting.settle()
    assert kept(kit) == {"name": "SITI"}
    drafting.note({})
    drafting.settle()
    assert kept(kit) is None


def test_keys_while_it_is_accepted_bring_no_draft_back(kit: Kit) -> None:
    tasks = SameThread(STORE)
    drafting = Drafting(kit.context, tasks, FORM)
    drafting.note({"name": "SITI"})
    tasks.write(drafting.accepting(lambda: None, {}), lambda _: None, lambda _: drafting.accepted({}))
    drafting.note({"name": "SITI A"})
    tasks.release(STORE)
    tasks.tick()
    tasks.release(STORE)
    assert kept(kit) is None


def test_the_act_is_what_waits_for_the_disk_and_a_refused_one_leaves_a_draft_that_did(kit: Kit) -> None:
    drafting, waited = Drafting(kit.context, SameThread(), FORM), list[object]()
    keep, drafting._drafts = kit.context.drafts.keep, copy(kit.context.drafts)
    drafting._drafts.keep = lambda name, fields: (waited.append(fields), keep(name, fields))[1]  # type: ignore[method-assign]
    drafting.note({"name": "SITI"})
    act = drafting.accepting(lambda: None, {})
    assert (kept(kit), waited) == ({"name": "SITI"}, [])  # a kill leaves it meanwhile
    drafting.not_accepted()
    assert (kept(kit), waited) == ({"name": "SITI"}, [{"name": "SITI"}])
    drafting.not_accepted()
    drafting.accepted({})
    drafting.not_accepted()
    act()
    assert (kept(kit), waited) == (None, [{"name": "SITI"}, {}])


def test_a_full_disk_is_told_and_the_next_key_tries_again(kit: Kit, monkeypatch) -> None:
    problems: list[Problem] = []
    drafting = Drafting(kit.context, SameThread(), FORM)
    drafting.refused = problems.append

    def full(*_: object) -> None:
        raise StoreError("store.disk_full")

    with monkeypatch.context() as patched:
        patched.setattr("fieldkit.services.unit_of_work.KeepDrafts.keep", full)
        drafting.note({"name": "SITI"})
        drafting.settle()
    assert [problem.code for problem in problems] == ["store.disk_full"]
    drafting.note({"name": "SITI"})
    drafting.settle()
    assert kept(kit) == {"name": "SITI"}


def test_a_form_that_was_refused_is_tried_again(kit: Kit) -> None:
    tried = list[object]()

    def keep(values: object) -> None:
        tried.append(values)
        raise StoreError("store.disk_full")

    presenter = begun(kit.context, Form("Judul", lambda: (FormField("name", "Nama"),), keep))
    for _ in range(2):
        presenter.accept()
    assert len(tried) == 2
    assert presenter.state.problem == StoreError("store.disk_full").problem


def test_what_was_written_waits_since_then(kit: Kit) -> None:
    drafting = Drafting(kit.context, SameThread(), FORM)
    drafting.settle()
    assert drafting.words == ""
    drafting.note({"name": "SITI"})
    drafting.settle()
    assert drafting.words == message("isian.restored", at="21-11-2026 09.00")
