from __future__ import annotations

import json

import pytest
from support.altered import Altered, Genuine

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import StepKind
from fieldkit.formats.stated import StatedItem, metadata_of, stated_by


def test_an_enrollment_says_who_recorded_and_what(genuine: Genuine) -> None:
    stated = stated_by(Altered.of(genuine.content).entries["enrollment.json"])
    assert (stated.context.kit, stated.context.petugas) == ("K01", ("rina", "bagus"))
    thumbs = stated.context.attempts[StepKind.THUMBS]
    assert [sample.quality for sample in thumbs[0].samples] == [30, 30]


@pytest.mark.parametrize("harm", ["contextualData", "biometricData", "biographicData"])
@pytest.mark.parametrize("value", [None, 7, [[]], {"x": 1}])
def test_what_is_no_enrollment_is_refused_by_name(genuine: Genuine, harm: str, value: object) -> None:
    enrollment = {**Altered.of(genuine.content).enrollment, harm: value}
    if harm == "biographicData" and isinstance(value, dict):
        return  # an open object: its own check names what it lacks
    with pytest.raises(InputError) as caught:
        stated_by(json.dumps(enrollment).encode())
    assert caught.value.code == "record.enrollment_unreadable"


def test_metadata_that_is_no_json_is_refused() -> None:
    item = StatedItem.model_validate({"biometricType": "FINGER", "metadata": "{"})
    with pytest.raises(InputError):
        metadata_of(item)
