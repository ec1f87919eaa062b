"""The forms of social aid: the note of a person, an outsider's act, the coordination, the judgement of the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.domain.aid import WAYS, AidCase, AidNote, AidState, Dtsen, Program
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.typed import optional, read_day, read_whole
from fieldkit.services.aid.follow_aid import AidKey, AidStep
from fieldkit.services.context.app_context import AppContext
from ui.presenters.aid.messages import program_words, state_words
from ui.presenters.amounts import moment_text
from ui.presenters.form import SEPARATOR, Form, FormField, Labels
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice
from ui.presenters.readers import Values, answer, evidence, moment

_field = Labels("aid.")
_PROGRAMS = tuple(Choice(each.value, program_words(each)) for each in Program)
_WIDE: Mapping[str, int] = {
    **dict.fromkeys(("dtsen", "file"), 3),
    **dict.fromkeys(("received", "wanted", "note", "state", "reason", "agreed", "result", "follow_up"), 4),
    **dict.fromkeys(("who", "dinsos", "desa"), 2),
}
_FOLLOWS = Permission.FOLLOW_UP_AID, message("aid.not_yours")


def note_form(context: AppContext, target_id: str) -> Form:
    """Return what is noted about a person so far, to be noted anew."""
    aid = context.office.aid

    def load() -> tuple[FormField, ...]:
        line = aid.one(target_id)
        case = line.case or AidCase(target_id, line.target.activity_id)
        wanted = SEPARATOR.join(each.program.value for each in case.aids)
        return (
            FormField(
                "dtsen",
                message("aid.dtsen_of", name=line.target.biodata.name),
                case.dtsen.value,
                choices=Choice.each(Dtsen, "aid.dtsen_"),
            ),
            _field("decile", str(case.decile or ""), "aid.decile_hint"),
            _field("received", SEPARATOR.join(case.received), "", _PROGRAMS, is_many=True),
            _field("wanted", wanted, "", _PROGRAMS, is_many=True),
            _field("note", case.note, "aid.note_hint"),
        )

    def keep(values: Values) -> object:
        told = AidNote(
            Dtsen(values["dtsen"]),
            answer(values, "decile", optional(read_whole)),
            _programs(values["received"]),
            _programs(values["wanted"]),
            values["note"],
        )
        return aid.note(target_id, told)

    return _form("note", load, keep, "aid.note_form_hint").for_whom(context, *_FOLLOWS)


def step_form(context: AppContext, activity_id: str, names: str) -> Form:
    """Return what an outsider did with the proposals that these rows name."""
    keys = [_key(name) for name in names.split(",")]
    aid = context.office.aid

    def load() -> tuple[FormField, ...]:
        line = aid.one(keys[0].target_id)
        assert line.case is not None  # only noted people have proposals
        ways = WAYS[line.case.aid(keys[0].program).state]
        choices = tuple(Choice(each.value, state_words(each)) for each in ways)
        fields = [
            FormField("state", _whose(line.target.biodata.name, keys), choices[0].name, choices=choices),
            _field("who", hint=f"aid.who_{ways[0].value}"),
            _field("at", moment_text(context.clock.local(context.clock.now()))),
            _field("paper", hint=f"aid.paper_{ways[0].value}"),
            _field("paper_on", hint="aid.day_hint"),
            _field("file", hint="aid.file_hint", is_paper=True),
        ]
        if AidState.DITOLAK in ways:
            fields.append(_field("reason", hint="aid.reason_hint"))
        if ways[0] is not AidState.DISALURKAN:
            fields.append(_field("follow_up_on", hint="aid.day_hint"))
        return tuple(fields)

    def keep(values: Values) -> object:
        step = AidStep(
            AidState(values["state"]),
            values["who"],
            moment(values, "at", context.clock),
            values["paper"],
            answer(values, "paper_on", optional(read_day)),
            evidence(values, "file", context.pictures),
            values.get("reason", ""),
            answer(values, "follow_up_on", optional(read_day)) if "follow_up_on" in values else None,
        )
        return aid.move(activity_id, keys, step)

    return _form("step", load, keep).for_whom(context, *_FOLLOWS)


def meeting_form(context: AppContext, activity_id: str) -> Form:
    """Return the coordination with Dinsos and desa, as last noted."""
    aid = context.office.aid

    def load() -> tuple[FormField, ...]:
        met = aid.round(activity_id).meetings
        now = moment_text(context.clock.local(context.clock.now()))
        last = met[-1] if met else None
        return (
            _field("dinsos", last.dinsos if last else "", "aid.office_hint"),
            _field("desa", last.desa if last else "", "aid.office_hint"),
            _field("at", now),
            _field("agreed", hint="aid.agreed_hint"),
            _field("file", hint="aid.file_maybe", is_paper=True),
        )

    def keep(values: Values) -> object:
        files = evidence(values, "file", context.pictures)
        at = moment(values, "at", context.clock)
        return aid.meet(activity_id, values["dinsos"], values["desa"], values["agreed"], at, files)

    return _form("meeting", load, keep).for_whom(context, *_FOLLOWS)


def result_form(context: AppContext, activity_id: str) -> Form:
    """Return the judgement of what the proposals brought."""
    aid = context.office.aid

    def load() -> tuple[FormField, ...]:
        judged = aid.round(activity_id).evaluations
        last = judged[-1] if judged else None
        return (
            _field("result", last.result if last else "", "aid.result_hint"),
            FormField("follow_up", message("aid.next"), last.follow_up if last else "", message("aid.next_hint")),
        )

    def keep(values: Values) -> object:
        return aid.evaluate(activity_id, values["result"], values["follow_up"])

    form = _form("result", load, keep, "aid.result_form_hint")
    return form.for_whom(context, Permission.EVALUATE_AID, message("aid.not_judge"))


def _form(
    name: str, load: Callable[[], tuple[FormField, ...]], keep: Callable[[Values], object], hint: str = ""
) -> Form:
    return Form(message(f"aid.{name}_title"), load, keep, message(hint or f"aid.{name}_hint"), wide=_WIDE)


def _whose(name: str, keys: list[AidKey]) -> Message:
    if len(keys) == 1:
        return message("aid.whose", name=name)
    return message("aid.whose_all", count=len(keys))


def _key(name: str) -> AidKey:
    target_id, program = name.split()
    return AidKey(target_id, Program(program))


def _programs(text: str) -> tuple[Program, ...]:
    return tuple(each for each in Program if each.value in text.split())
