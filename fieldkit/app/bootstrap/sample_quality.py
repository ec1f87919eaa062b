"""How good a picture or a sample record is, by what this program has for its modality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.samples import QualityScore
from fieldkit.media.place import Place

_MOST_BYTES = 256_000_000
_RECORDS = {Modality.FINGER: b"FIR\0", Modality.FACE: b"FAC\0", Modality.IRIS: b"IIR\0"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Score, measures by name, message keys of what would make it better, what judged each check and how it ended."""

    score: QualityScore
    measures: Mapping[str, float]
    advice: tuple[str, ...]
    methods: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


def judge_file(path: Path, modality: Modality, ppi: int) -> Judgement:
    """Judge a picture (PNG, JPEG, JPEG 2000, WSQ …) or an ISO/IEC 19794 record; `ppi` of a finger's picture.

    Raise `InputError` when it cannot be read.
    """
    try:
        content = Place.of_file(path).read(_MOST_BYTES)
    except OSError as error:
        raise InputError("mutu.unreadable", path=str(path)) from error
    is_record = content.startswith(_RECORDS[modality])
    match modality:
        case Modality.FINGER:
            return _finger(content, path, ppi, is_record=is_record)
        case Modality.FACE:
            return _face(content, is_record=is_record)
        case _:
            return _iris(content, is_record=is_record)


def _finger(content: bytes, path: Path, ppi: int, *, is_record: bool) -> Judgement:
    from fieldkit.formats.finger import decode_finger_record
    from fieldkit.formats.images import decode_grey
    from fieldkit.matching.template import read_print
    from fieldkit.quality.finger_estimate import GOOD, TOO_REGULAR, review
    from fieldkit.quality.finger_measures import at_500_ppi
    from fieldkit.quality.finger_minutiae import minutiae_measures
    from fieldkit.quality.nfiq2 import installed_nfiq2

    if is_record:
        record = decode_finger_record(content)
        pixels, ppi = record.pixels(), record.ppi
    else:
        pixels = decode_grey(content)
    try:
        found = review(pixels, ppi)
        if found.refused:
            return Judgement(found.score, found.measures, found.advice)
        print_ = read_print((pixels, ppi))
    except ValueError as error:  # a few lines of pixels
        raise InputError("mutu.unreadable", path=str(path)) from error
    score = found.score
    if (nfiq2 := installed_nfiq2()) is not None:
        score = nfiq2.scores([(pixels, ppi)])[0] or score
        nfiq2.close()
    measures = dict(found.measures) | minutiae_measures(at_500_ppi(pixels, ppi), print_.minutiae)
    if print_.is_bare:
        return Judgement(replace(found.score, value=0), measures, (TOO_REGULAR,))
    return Judgement(score, measures, found.ways if score.value < GOOD else ())


def _face(content: bytes, *, is_record: bool) -> Judgement:
    from fieldkit.formats.face import decode_face_record
    from fieldkit.formats.images import decode_colour
    from fieldkit.quality.face import PortraitJudge

    frame = decode_face_record(content).pixels() if is_record else decode_colour(content)
    found = PortraitJudge(decode_colour).review(frame)
    answers = {str(each.check): each.answer for each in found.results}
    methods = {str(each.check): each.method for each in found.results}
    return Judgement(found.score, found.measures, (*found.hints, *found.looks), methods, answers)


def _iris(content: bytes, *, is_record: bool) -> Judgement:
    from fieldkit.formats.images import decode_grey
    from fieldkit.formats.iris import decode_iris_record
    from fieldkit.quality.iris import ALGORITHM, VERSION, IrisJudge

    judge = IrisJudge(decode_grey)
    frame = decode_iris_record(content).pixels() if is_record else decode_grey(content)
    seen = judge.reviews(frame, (Position.EYE_RIGHT, Position.EYE_LEFT))
    if not seen:
        return Judgement(QualityScore(0, ALGORITHM, VERSION), {}, ("iris.no_eye",))
    # A picture with both eyes is as good as the poorer one.
    found = min(seen.values(), key=lambda each: each.score.value)
    return Judgement(found.score, asdict(found.metrics), found.hints)
