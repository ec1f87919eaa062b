from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from support.altered import Genuine, genuine_record
from support.kept import MISINEM
from support.samples import AT, INK

from fieldkit.domain.nik import Nik, NoKk
from fieldkit.domain.recording.biodata import Address
from fieldkit.domain.recording.capture import (
    Attempt,
    DeviceEvidence,
    Fault,
    QualityScore,
    Sample,
    SampleFormat,
    SampleRef,
    StepKind,
)
from fieldkit.domain.recording.positions import (
    EYES,
    FINGERS,
    LEFT_FOUR,
    RIGHT_FOUR,
    THUMBS,
    ExceptionMark,
    ExceptionReason,
    Position,
)
from fieldkit.domain.recording.record import (
    ChainLink,
    IndexComparison,
    Notice,
    RecordContext,
    RecordDraft,
    RecordSample,
    StepAttempts,
)
from fieldkit.formats.face import FaceRecord, encode_face_record
from fieldkit.formats.finger import FingerRecord, encode_finger_record
from fieldkit.formats.images import encode_jp2_lossless
from fieldkit.formats.iris import IrisRecord, encode_iris_record
from fieldkit.formats.signature import encode_signature

STEP_OF = {
    **dict.fromkeys(RIGHT_FOUR, StepKind.RIGHT_FOUR),
    **dict.fromkeys(LEFT_FOUR, StepKind.LEFT_FOUR),
    **dict.fromkeys(THUMBS, StepKind.THUMBS),
    **dict.fromkeys(EYES, StepKind.IRIS),
    Position.PORTRAIT: StepKind.PHOTO,
    Position.SIGNATURE: StepKind.SIGNATURE,
}


def noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def a_sample(position: Position) -> Sample:
    score = QualityScore(60 + list(Position).index(position), "NFIQ2" if position in FINGERS else "test", "2.3")
    if position is Position.SIGNATURE:
        return Sample(position, SampleFormat.SIGNATURE_STROKES, encode_signature(INK), score)
    if position is Position.PORTRAIT:
        face = FaceRecord(30, 40, encode_jp2_lossless(noise(1, 40, 30, 3)), captured_at=AT)
        return Sample(position, SampleFormat.ISO_19794_5, encode_face_record(face), score)
    if position in EYES:
        iris = IrisRecord(position, 64, 48, encode_jp2_lossless(noise(2, 48, 64)), captured_at=AT)
        return Sample(position, SampleFormat.ISO_19794_6, encode_iris_record(iris), score)
    finger = FingerRecord(position, 40, 60, encode_jp2_lossless(noise(3, 60, 40)), captured_at=AT)
    evidence = DeviceEvidence("aGVhZA.Ym9keQ.c2ln", "A" * 64, "dev-1", AT, b"\x30\x03\x02\x01\x05")
    return Sample(position, SampleFormat.ISO_19794_4, encode_finger_record(finger), score, evidence)


def an_attempt(step: StepKind, samples: list[Sample], faults: tuple[Fault, ...] = ()) -> StepAttempts:
    refs = tuple(
        SampleRef(
            f"s-{s.position}", s.position, s.format, s.quality, hashlib.sha256(s.data).hexdigest(), len(s.data), 1
        )
        for s in samples
    )
    return StepAttempts(step, (Attempt(1, AT, "sim-1", refs, faults),))


@pytest.fixture(scope="session")
def draft() -> RecordDraft:
    """A lansia: bandaged right thumb, left eye that will not open, everything else recorded."""
    absent = {Position.RIGHT_THUMB: ExceptionReason.BANDAGED, Position.EYE_LEFT: ExceptionReason.EYES_CLOSED}
    samples = [a_sample(position) for position in Position if position not in absent]
    kept = [RecordSample(STEP_OF[s.position], s, 1, s.position is Position.LEFT_RING) for s in samples]
    kept.append(RecordSample(StepKind.CONFIRMATION, a_sample(Position.SIGNATURE), 1))
    steps = tuple(
        an_attempt(step, [s for s in samples if STEP_OF[s.position] is step])
        for step in dict.fromkeys(STEP_OF.values())
    )
    return RecordDraft(
        record_id="0193a0c4-6e7a-7b3c-9d2e-001122334455",
        link=ChainLink("kit-7/1", 3, "ab" * 32),
        context=RecordContext(
            kit_id="kit-7",
            activity_id="act-1",
            activity_name="Jemput bola Dolopo",
            place="Desa Dolopo",
            surat_tugas="094/12/2026",
            mode_perekaman="luring",
            attendants=("u-1", "u-2"),
            opened_at=AT,
            finished_at=AT + timedelta(minutes=20),
        ),
        notice=Notice(AT, "id", "Siti (anak)"),
        biodata=replace(
            MISINEM,
            nik=Nik.parse("3519024107260001"),
            no_kk=NoKk.parse("3519020102030004"),
            name="SUMINEM",
            birth_place="MADIUN",
            birth_date=date(1926, 7, 1),
            family_relation=7,
            education=1,
            occupation=2,
            address=Address("Jl. Raya 1", "001", "002", "Dolopo", "Dolopo", "351902"),
        ),
        samples=tuple(kept),
        exceptions=tuple(ExceptionMark(p, r, 2, ("u-1", "u-2"), "Kasi Pelayanan", AT) for p, r in absent.items()),
        failed=(Position.LEFT_RING,),
        attempts=steps,
        index_comparison=IndexComparison.NOT_COMPARED,
        events=('{"kind":"notice_given"}', '{"kind":"record_sealed"}'),
        papers={"berita_acara_pengecualian": b"%PDF-1.7"},
    )


@pytest.fixture(scope="session")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Genuine:
    return genuine_record(tmp_path_factory.mktemp("genuine"))


@pytest.fixture(autouse=True, scope="module")
def _pictures_are_judged_once() -> None:
    """Look at every picture anew here."""
