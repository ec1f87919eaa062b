"""The outreach day of the demo through the real screens, and every proof that it leaves behind."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import cv2
import pytest
from jsonschema import Draft202012Validator
from support.commands import fieldkit, refused
from support.day import SEED, offline_context, people
from support.plain_search import Secrets, texts_of

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.sample_quality import open_record
from fieldkit.app.demo.kit import DEMO_PASSPHRASE, PETUGAS, PINS
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import KnownError
from tests.benchmarks.goals import RECORD_OF_ITS_SAMPLES
from ui.presenters.statuses.statuses import waits_for_birthday

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.performed import Performed

LEAST_WIDTH, LEAST_HEIGHT = 1024, 700
pytestmark = pytest.mark.timeout(1500)  # the first test waits for the day


def test_everybody_arrived_once(demo: Performed) -> None:
    report = demo.report
    assert (report["sealed"], report["acknowledged"], report["lost"], report["duplicated"]) == (4, 4, 0, 0)
    assert report["resumed_uploads"] >= 1
    assert report["cuts"] >= 1
    assert {subject["central_status"] for subject in report["subjects"]} == {"PRINT_READY_RECORD"}


def test_the_people_are_as_promised(demo: Performed) -> None:
    adult, old, eyes, young = demo.report["subjects"]
    assert [subject["outcome"] for subject in (adult, old, eyes, young)] == [
        "recorded",
        "recorded_with_exception",
        "recorded_with_exception",
        "recorded",
    ]
    assert set(old["exceptions"]) == {"RIGHT_RING", "LEFT_MIDDLE", "LEFT_THUMB"}
    assert set(eyes["exceptions"]) == {"EYE_RIGHT", "EYE_LEFT"}
    first, *others = (subject["keystrokes"] for subject in demo.report["subjects"])
    assert first == 21, "20 and the key that opens the list, once a day"
    assert others[-1] == 20
    assert all(20 <= keys <= 80 for keys in others)


def test_the_sixteen_year_old_waits_for_the_birthday(demo: Performed) -> None:
    today = SystemClock(WIB).today()
    young = demo.report["subjects"][3]
    born = people(4)[3].biodata.birth_date
    birthday = born.replace(year=born.year + 17)
    assert young["card_from"] == birthday.isoformat()
    assert birthday > today
    assert [subject["card_from"] for subject in demo.report["subjects"][:3]] == [None] * 3
    with offline_context(demo.home) as context:
        entries = {entry.record.record_id: entry for entry in context.delivery.queue().entries}
    waiting = [record_id for record_id, entry in entries.items() if waits_for_birthday(entry, today)]
    assert waiting == [young["record_id"]]
    assert not waits_for_birthday(entries[young["record_id"]], birthday)
    assert all(entry.central is not None and entry.central.source == "uji coba" for entry in entries.values())


def test_devices_spoke_over_their_wires(demo: Performed) -> None:
    ready = {device["kind"]: device for device in demo.report["devices"] if device["state"] == "ready"}
    assert {"fingerprint", "iris", "camera", "signature_pad"} <= ready.keys()
    assert ready["camera"]["address"].startswith("http://127.0.0.1:")


# --- the sealed records


def test_the_data_center_opens_each_record(demo: Performed) -> None:
    by_nik = {subject["nik"]: subject for subject in demo.report["subjects"]}
    for record in demo.records:
        said = fieldkit("record", "open", record, "--identity", demo.identity, "--json")
        assert (said.code, said.err) == (0, "")
        opened = said.json
        assert [signer["role"] for signer in opened["signers"]] == ["kit", "petugas"]
        subject = next(s for s in by_nik.values() if s["record_id"] == opened["record_id"])
        inside = json.dumps(opened["enrollment"])
        assert subject["nik"] in inside
        assert subject["name"] in inside
        fingers = [name for name in opened["entries"] if name.endswith(".fir")]
        # The best of what was tried of a worn finger goes along with its mark; a bandage is not tried.
        tried = {position.value for resident in people(4) for position in resident.worn}
        lacking = [p for p in subject["exceptions"] if not p.startswith("EYE") and p not in tried]
        assert len(fingers) == 10 - len(lacking)


def test_a_sealed_record_is_little_larger_than_its_samples(demo: Performed) -> None:
    """Each sample stands in it once, though its device signed it; papers, pictures of ink and log are the rest."""
    for record in demo.records:
        samples = sum(len(each.data) for each in open_record(record, demo.identity, None).record.samples)
        assert record.stat().st_size <= RECORD_OF_ITS_SAMPLES * samples


def test_the_enrollment_validates_against_osia(demo: Performed, osia: Draft202012Validator) -> None:
    for record in demo.records:
        osia.validate(fieldkit("record", "open", record, "--identity", demo.identity, "--json").json["enrollment"])


def test_openssl_verifies_both_signers(demo: Performed, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    fieldkit("record", "open", demo.records[0], "--identity", demo.identity, "--out", tmp_path)
    command = [openssl, "cms", "-verify", "-binary", "-inform", "DER", "-in", "record.cms", "-out", "container.zip"]
    command += ["-CAfile", demo.data_center / "ca.pem", "-signer", "signers.pem", "-purpose", "any"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "signers.pem").read_text().count("BEGIN CERTIFICATE") == 2
    assert (tmp_path / "container.zip").read_bytes()[:2] == b"PK"
    spoiled = bytearray((tmp_path / "record.cms").read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    (tmp_path / "record.cms").write_bytes(spoiled)
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_another_age_implementation_opens_it(demo: Performed, node_age: Callable[..., bytes]) -> None:
    lines = demo.identity.read_text("utf-8").splitlines()
    secret = next(line for line in lines if line.startswith("AGE-SECRET-KEY-"))
    theirs = node_age("decrypt", secret, stdin=demo.records[0].read_bytes())
    assert theirs == open_record(demo.records[0], demo.identity, None).cms


def test_a_changed_byte_anywhere_is_refused(demo: Performed, tmp_path: Path) -> None:
    sealed, ca = demo.records[0].read_bytes(), demo.data_center / "ca.pem"
    header = sealed.index(b"\n---")
    chance = Random(SEED)
    places = {*range(24), *range(header, header + 60), len(sealed) - 1, len(sealed) - 17}
    places |= {chance.randrange(header) for _ in range(20)} | {chance.randrange(len(sealed)) for _ in range(40)}
    file = tmp_path / "spoiled"
    for place in sorted(places):
        spoiled = bytearray(sealed)
        spoiled[place] ^= 1 << chance.randrange(8)
        file.write_bytes(spoiled)
        with pytest.raises(KnownError):
            open_record(file, demo.identity, ca)
    for other in (sealed[:-1], sealed + b"\0", b"", sealed[: header + 30]):
        file.write_bytes(other)
        with pytest.raises(KnownError):
            open_record(file, demo.identity, ca)


@pytest.mark.parametrize("place", [3, 400, 100_000, -1])
def test_a_changed_byte_is_named_in_both_languages(demo: Performed, place: int, tmp_path: Path) -> None:
    spoiled = bytearray(demo.records[0].read_bytes())
    spoiled[place] ^= 0x20
    (tmp_path / "spoiled").write_bytes(spoiled)
    ca = demo.data_center / "ca.pem"
    code, problem = refused("record", "open", tmp_path / "spoiled", "--identity", demo.identity, "--ca", ca)
    assert code in (2, 3)
    assert problem.startswith("vault.")


def test_the_recovery_opens_it_and_a_stranger_does_not(demo: Performed, tmp_path: Path) -> None:
    recovery = demo.data_center / "recovery.identity"
    assert fieldkit("record", "open", demo.records[0], "--identity", recovery, "--json").code == 0
    made = fieldkit("gateway", "init", "--dir", tmp_path / "other", "--dinas", "Dinas Lain", "--json").json
    assert refused("record", "open", demo.records[0], "--identity", made["identity"])[0] in (2, 3)


def test_manifest_and_receipt_prove_the_delivery(demo: Performed) -> None:
    files = {path.name: path for path in demo.records}
    for manifest, receipt in zip(demo.report["manifests"], demo.report["receipts"], strict=True):
        stated = _payload(Path(manifest))
        said = fieldkit("record", "verify", files[stated["sha256"]], "--manifest", manifest, "--receipt", receipt)
        assert (said.code, said.err) == (0, "")
        other = next(path for path in demo.records if path.name != stated["sha256"])
        assert refused("record", "verify", other, "--manifest", manifest)[1] == "proof.other_file"


def _payload(manifest: Path) -> dict[str, Any]:
    body = manifest.read_text("ascii").split(".")[1]
    parsed: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return parsed


# --- what a person sees


def test_the_screens_were_painted(demo: Performed) -> None:
    shots = [Path(path) for path in demo.report["screenshots"]]
    assert len(shots) >= 20
    for shot in shots:
        picture = cv2.imread(str(shot))
        assert picture is not None, shot
        height, width, _ = picture.shape
        assert width >= LEAST_WIDTH, shot
        assert height >= LEAST_HEIGHT, shot
        # A blank screen has one colour; ours have a status bar, a ground and text.
        assert picture.std() > 10, shot
    assert len({shot.read_bytes() for shot in shots}) == len(shots)


def test_the_papers_are_papers(demo: Performed) -> None:
    papers = [Path(path) for path in demo.report["documents"]]
    slips = [paper for paper in papers if "bukti_perekaman" in paper.name]
    minutes = [paper for paper in papers if "berita_acara_pengecualian" in paper.name]
    assert (len(slips), len(minutes)) == (4, 2)
    assert all(paper.read_bytes().startswith(b"%PDF-") for paper in papers)
    pdftotext = shutil.which("pdftotext")
    if pdftotext is not None:
        text = subprocess.run([pdftotext, "-layout", slips[0], "-"], capture_output=True, text=True, check=True).stdout
        assert demo.report["subjects"][0]["name"] in text
        assert demo.report["subjects"][0]["nik"] not in text


# --- what stays on the laptop


def test_the_log_holds(demo: Performed, tmp_path: Path) -> None:
    words = _as_petugas(tmp_path)
    said = fieldkit("audit", "verify", "--json", *words, home=demo.home.path)
    assert said.code == 0
    assert said.json["ok"] is True
    assert said.json["rows"] > 100
    queue = fieldkit("queue", "--json", *words, home=demo.home.path).json
    assert (queue["sealed"], queue["unsent"]) == (4, 0)
    assert {row["state"] for row in queue["records"]} <= {DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED}


def test_the_home_tells_a_thief_nothing(demo: Performed) -> None:
    pictures = [
        content
        for record in demo.records
        for name, content in open_record(record, demo.identity, None).record.entries.items()
        if name.startswith("samples/") and not name.endswith((".jws", ".cer"))
    ]
    secrets = Secrets(texts_of([resident.biodata for resident in people(4)]), pictures)
    assert len(pictures) > 50
    assert secrets.found_in(demo.home.path) == []


def _as_petugas(folder: Path) -> tuple[object, ...]:
    file = folder / "passphrase"
    file.write_text(DEMO_PASSPHRASE.format(pin=PINS[PETUGAS.user_id]))
    return ("--user", PETUGAS.user_id, "--passphrase-file", file)
