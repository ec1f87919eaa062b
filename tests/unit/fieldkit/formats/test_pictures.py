from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import SampleFormat
from fieldkit.domain.recording.positions import FINGERS
from fieldkit.domain.recording.record import RecordDraft
from fieldkit.formats.images import Pixels, decode_colour, encode_jp2_lossless, encode_jpeg, encode_png
from fieldkit.formats.pictures import RecordPictures, SampleImages, checked_pixels, opened_image

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


def test_all_who_look_at_a_sample_have_the_same_image(draft: RecordDraft, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inspection decodes it, and screen and matcher get what it decoded; nobody can write into it."""
    decoded: list[bytes] = []

    def noted(data: bytes) -> Pixels:
        decoded.append(data)
        return decode_colour(data)

    monkeypatch.setattr("fieldkit.formats.face.decode_colour", noted)
    images, kept = SampleImages(), {each.sample.format: each.sample for each in draft.samples}
    face = kept[SampleFormat.ISO_19794_5]
    assert images.checked(face)[0] is images.opened(replace(face, data=bytes(bytearray(face.data))))[0]
    assert RecordPictures(images.opened).jpeg(face, 32) == RecordPictures().jpeg(face, 32)
    assert len(decoded) == 2, "once for all who ask `images`, once without them"
    with pytest.raises(ValueError, match="read-only"):
        images.opened(face)[0][0] = 0
    for sample in kept.values():
        pixels, ppi = images.opened(sample)
        assert np.array_equal(pixels, opened_image(sample)[0])
        assert ppi == (500 if sample.format is SampleFormat.ISO_19794_4 else 0)


def test_the_record_of_another_finger_is_refused_though_its_image_is_known(draft: RecordDraft) -> None:
    sample = next(each.sample for each in draft.samples if each.sample.format is SampleFormat.ISO_19794_4)
    images, other = SampleImages(), next(position for position in FINGERS if position is not sample.position)
    assert images.checked(sample)[1] == checked_pixels(sample)[1] == 500
    with pytest.raises(InputError, match="other_position"):
        images.checked(replace(sample, position=other))
    with pytest.raises(InputError):
        images.opened(replace(sample, format=SampleFormat.ISO_19794_5))  # the same bytes are no face


def test_no_image_or_ink_outlives_the_person(draft: RecordDraft, monkeypatch: pytest.MonkeyPatch) -> None:
    images = SampleImages()
    kept = {each.sample.format: each.sample for each in draft.samples}
    face, ink = kept[SampleFormat.ISO_19794_5], kept[SampleFormat.SIGNATURE_STROKES]
    before = images.opened(face)[0]
    assert np.ptp(images.opened(ink)[0]) > 0
    images.forget()
    blank = encode_png(np.full((9, 9), 255, np.uint8), 300)
    monkeypatch.setattr("fieldkit.formats.signature._rendered", lambda *_: blank)
    assert images.opened(face)[0] is not before
    assert images.opened(ink)[0].shape == (9, 9), "drawn again"
    images.forget()  # the blank sheet too
