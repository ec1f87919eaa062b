from __future__ import annotations

from datetime import timedelta

import pytest
from support.altered import INDEX, Alteration, Altered, Genuine
from support.clock import NOW

from fieldkit.domain.errors import InputError, KnownError


def event_removed(altered: Altered) -> None:
    altered.is_rechained = False
    altered.events.remove(altered.event("step_accepted", "iris"))


def event_edited(altered: Altered) -> None:
    altered.is_rechained = False
    altered.event("step_accepted", "iris")["payload"]["samples"] = []


def attempt_hidden(altered: Altered) -> None:
    altered.events.remove(altered.event("attempt_made", "thumbs"))


def attempt_hidden_twice(altered: Altered) -> None:
    attempt_hidden(altered)
    altered.context["attempts"]["thumbs"].pop(0)


def attempt_redated(altered: Altered) -> None:
    altered.context["attempts"]["iris"][0]["at"] = (NOW - timedelta(days=30)).isoformat()


def events_of_another(altered: Altered) -> None:
    for event in altered.events:
        event["kit"] = "K02"


def no_notice(altered: Altered) -> None:
    altered.events.remove(altered.event("notice_given"))


def no_events(altered: Altered) -> None:
    altered.events.clear()


def other_number(altered: Altered) -> None:
    altered.enrollment["biographicData"]["nik"] = "3275014708790999"


def other_name(altered: Altered) -> None:
    altered.enrollment["biographicData"]["fullName"] = "ORANG LAIN"


def other_birthday(altered: Altered) -> None:
    altered.enrollment["biographicData"]["dateOfBirth"] = "1969-08-07"


def other_sex(altered: Altered) -> None:
    altered.enrollment["biographicData"]["gender"] = "M"


def other_village(altered: Altered) -> None:
    altered.enrollment["biographicData"]["alamat"]["desa"] = "DESA LAIN"


def other_request(altered: Altered) -> None:
    altered.enrollment["enrollmentType"] = "ulang"


def compared_better(altered: Altered) -> None:
    altered.context["indexComparison"] = "cocok"


def no_companion(altered: Altered) -> None:
    altered.context["notice"]["companion"] = ""


def begun_earlier(altered: Altered) -> None:
    altered.context["openedAt"] = (NOW - timedelta(hours=3)).isoformat()


def dated_another_day(altered: Altered) -> None:
    altered.context["enrollmentDate"] = "1999-12-31"


def at_another_place(altered: Altered) -> None:
    altered.context["lokasi"] = "Desa Lain"


def under_another_letter(altered: Altered) -> None:
    altered.context["suratTugas"] = "800/1/2026"


def of_another_activity(altered: Altered) -> None:
    altered.context["kegiatan"]["name"] = "Kegiatan lain"


def by_another_version(altered: Altered) -> None:
    altered.context["program"] = {"name": "fieldkit", "version": "9.9"}


def not_final(altered: Altered) -> None:
    altered.enrollment["status"] = "IN_PROGRESS"


def asked_for_something_else(altered: Altered) -> None:
    altered.enrollment["requestData"]["requestType"] = "UPDATE"


def another_operator(altered: Altered) -> None:
    altered.context["attempts"]["iris"][0]["operator"] = "budi"


def exception_added(altered: Altered) -> None:
    mark = {**altered.context["exceptions"][0], "position": "RIGHT_LITTLE"}
    altered.context["exceptions"].append(mark)


def failed_alone(altered: Altered) -> None:
    altered.context["failedToAcquire"] = [INDEX]


def better_score_twice(altered: Altered) -> None:
    altered.item(INDEX)["quality"] = 99
    altered.capture("right_four", INDEX)[1]["quality"] = 99


ALTERED: dict[Alteration, str] = {
    event_removed: "events_broken",
    event_edited: "events_broken",
    attempt_hidden: "attempts_differ",
    attempt_hidden_twice: "attempts_differ",
    attempt_redated: "attempt_time_differs",
    events_of_another: "events_foreign",
    no_notice: "events_incomplete",
    no_events: "events_incomplete",
    other_number: "biodata_differs",
    other_name: "biodata_differs",
    other_birthday: "biodata_differs",
    other_sex: "biodata_differs",
    other_village: "biodata_differs",
    other_request: "biodata_differs",
    compared_better: "context_differs",
    no_companion: "context_differs",
    begun_earlier: "context_differs",
    dated_another_day: "context_differs",
    at_another_place: "context_differs",
    under_another_letter: "context_differs",
    of_another_activity: "context_differs",
    by_another_version: "context_differs",
    not_final: "context_differs",
    asked_for_something_else: "context_differs",
    another_operator: "attempts_differ",
    exception_added: "exceptions_differ",
    failed_alone: "failure_not_allowed",
    better_score_twice: "attempts_differ",
}


@pytest.mark.parametrize(("alter", "code"), ALTERED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_an_altered_record_is_refused_by_name(genuine: Genuine, alter: Alteration, code: str) -> None:
    altered = Altered.of(genuine.content)
    alter(altered)
    with pytest.raises(KnownError) as caught:
        genuine.judged(altered)
    assert caught.value.code == f"record.{code}"


def test_events_that_a_damaged_store_lost_are_said_and_refuse_nothing(genuine: Genuine) -> None:
    altered = Altered.of(genuine.content)
    del altered.events[:5]
    with pytest.raises(InputError):
        genuine.judged(altered)
    altered.context["eventsLost"] = True
    altered.events[0]["payload"]["form"] = 2
    assert genuine.judged(altered) == "record.events_lost"
