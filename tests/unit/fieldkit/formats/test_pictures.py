from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.record import RecordDraft
from fieldkit.domain.recording.samples import SampleFormat
from fieldkit.formats.images import decode_colour, encode_jp2_lossless, encode_jpeg
from fieldkit.formats.pictures import RecordPictures

PHOTO = encode_jpeg(np.full((60, 40, 3), 200, np.uint8), 80)


@pytest.mark.parametrize("layout", SampleFormat)
def test_every_kind_of_sample_is_shown_within_its_bound(draft: RecordDraft, layout: SampleFormat) -> None:
    photo = replace(draft.samples[0].sample, format=SampleFormat.PHOTO, data=PHOTO)
    samples = (*(kept.sample for kept in draft.samples), photo)
    sample = next(sample for sample in samples if sample.format is layout)
    picture = decode_colour(RecordPictures().jpeg(sample, 32))
    assert max(picture.shape[:2]) == 32


def test_small_picture_is_not_blown_up(draft: RecordDraft) -> None:
    sample = next(kept.sample for kept in draft.samples if kept.sample.format is SampleFormat.ISO_19794_4)
    assert decode_colour(RecordPictures().jpeg(sample, 900)).shape == (60, 40, 3)


def test_record_without_an_image_is_refused(draft: RecordDraft) -> None:
    with pytest.raises(InputError):
        RecordPictures().jpeg(replace(draft.samples[0].sample, data=b"nothing"), 100)


def test_photo_of_a_card_is_shown_small_and_a_broken_one_refused() -> None:
    image = encode_jp2_lossless(np.full((60, 40, 3), 200, np.uint8))
    assert decode_colour(RecordPictures().photo(image, 30)).shape == (30, 20, 3)
    with pytest.raises(InputError):
        RecordPictures().photo(b"nothing", 30)
