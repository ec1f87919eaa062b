from __future__ import annotations

import base64
import json

from support.altered import Genuine

from fieldkit.domain.recording.record import RecordDraft
from fieldkit.formats.container import read_container, write_container
from fieldkit.formats.exports import iso_files, osia_file


def test_images_and_papers_stand_inside(draft: RecordDraft) -> None:
    record = read_container(write_container(draft))
    told = json.loads(osia_file(record))
    named = [item for item in record.enrollment["biometricData"] if "imageRef" in item]
    images = [item["image"] for item in told["biometricData"] if "image" in item]
    assert [base64.b64decode(image) for image in images] == [
        record.entries[item["imageRef"].partition("#")[2]] for item in named
    ]
    ((part,),) = [document["parts"] for document in told["documentData"]]
    assert (base64.b64decode(part["data"]), part["mimeType"]) == (b"%PDF-1.7", "application/pdf")
    assert b"Ref" not in osia_file(record)


def test_samples_come_as_captured(genuine: Genuine) -> None:
    record = read_container(genuine.content)
    files = iso_files(record)
    assert len(files) == 12
    assert all(record.entries[f"samples/{name}"] == content for name, content in files.items())


def test_ink_of_witnesses_stands_inside(genuine: Genuine) -> None:
    record = read_container(genuine.content)
    told = json.loads(osia_file(record))["contextualData"]["exceptionInks"]
    for ink, named in zip(told, record.enrollment["contextualData"]["exceptionInks"], strict=True):
        for part in ("picture", "strokes"):
            assert base64.b64decode(ink[part]) == record.entries[named[part]]
