"""Our tus server against an independent client (tuspy) and against requests that the protocol does not allow."""

from __future__ import annotations

import base64
import hashlib
import io
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
from support.gateway import Kit, World
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.uploader import Uploader

from sync.kit.connection import pinned_context
from sync.protocol.messages import Announcement

VERSION = {"Tus-Resumable": "1.0.0"}
CHUNK = {**VERSION, "Content-Type": "application/offset+octet-stream"}


class Caller:
    """A signed-in client that says what it is told to say."""

    def __init__(self, world: World, kit: Kit) -> None:
        self.link = kit.link(world.url)
        self.link.counts().answer()
        self.headers = {"Authorization": f"Bearer {self.link._token}"}
        self.http = httpx2.Client(
            base_url=world.url,
            headers=self.headers,
            verify=pinned_context(kit.answer.configuration.ca_certificate),
            trust_env=False,
        )

    def announce(self, manifest: str) -> None:
        (word,) = self.link.announce(Announcement(manifests=(manifest,))).manifests
        assert word.code == ""

    def create(self, record_id: str, length: int) -> httpx2.Response:
        metadata = f"record_id {base64.b64encode(record_id.encode()).decode()}"
        headers = {**VERSION, "Upload-Length": str(length), "Upload-Metadata": metadata}
        return self.http.post("/tus", headers=headers)

    def patch(self, record_id: str, offset: int, chunk: bytes, **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.patch(
            f"/tus/{record_id}", headers={**CHUNK, "Upload-Offset": str(offset), **named}, content=chunk
        )

    def offset(self, record_id: str) -> int:
        answer = self.http.head(f"/tus/{record_id}", headers=VERSION)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        return int(answer.headers["Upload-Offset"])

    def close(self) -> None:
        self.link.close()
        self.http.close()


@pytest.fixture
def caller(world: World, kit: Kit) -> Iterator[Caller]:
    made = Caller(world, kit)
    yield made
    made.close()


@pytest.mark.parametrize("chunk_size", [64 * 1024, 10**9])
@pytest.mark.parametrize("has_checksum", [True, False])
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # tuspy leaves its connection to the collector
def test_tuspy_uploads_with_and_without_checksums(
    world: World, kit: Kit, caller: Caller, chunk_size: int, has_checksum: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(world.folder / "ca.pem"))
    record_id, manifest, sealed, _ = kit.record(size=500_000)
    caller.announce(manifest)
    client = TusClient(f"{world.url}/tus", headers=caller.headers)
    uploader = client.uploader(
        file_stream=io.BytesIO(sealed),
        chunk_size=chunk_size,
        metadata={"record_id": record_id},
        upload_checksum=has_checksum,
    )
    uploader.upload()
    assert uploader.url == f"{world.url}/tus/{record_id}"
    assert caller.offset(record_id) == len(sealed)
    assert caller.link.receipt(record_id).count(".") == 2


def test_options_tells_what_is_supported(caller: Caller) -> None:
    answer = caller.http.options("/tus")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"


def test_creating_twice_finds_the_first(kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record(size=100_000)
    caller.announce(manifest)
    first = caller.create(record_id, len(sealed))
    assert caller.patch(record_id, 0, sealed[:60_000]).status_code == 204
    second = caller.create(record_id, len(sealed))
    assert first.status_code == second.status_code == 201
    assert first.headers["Location"] == second.headers["Location"]
    assert second.headers["Upload-Offset"] == "60000"
    assert "GMT" in second.headers["Upload-Expires"]


def test_an_unannounced_or_foreign_record_cannot_be_created(world: World, kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record()
    assert caller.create(record_id, len(sealed)).json()["code"] == "manifest.unknown"
    caller.announce(manifest)
    other = Caller(world, world.enrol_kit("kit-02"))
    assert other.create(record_id, len(sealed)).status_code == 404
    other.close()
    assert caller.create(record_id, len(sealed) + 1).json()["code"] == "record.length_differs"


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_wrong_checksum_is_refused_and_nothing_kept(kit: Kit, caller: Caller, algorithm: str) -> None:
    record_id, manifest, sealed, _ = kit.record(size=100_000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    right = base64.b64encode(hashlib.new(algorithm, sealed[:50_000]).digest()).decode()
    refused = caller.patch(record_id, 0, b"\0" + sealed[1:50_000], Upload_Checksum=f"{algorithm} {right}")
    assert refused.status_code == 460
    assert caller.offset(record_id) == 0
    assert caller.patch(record_id, 0, sealed[:50_000], Upload_Checksum=f"{algorithm} {right}").status_code == 204


@pytest.mark.parametrize("value", ["md5 AAAA", "sha256 !!!", "sha256"])
def test_a_checksum_that_cannot_be_checked_is_refused(kit: Kit, caller: Caller, value: str) -> None:
    record_id, manifest, sealed, _ = kit.record(size=1000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    assert caller.patch(record_id, 0, sealed, Upload_Checksum=value).status_code in (400, 460)
    assert caller.offset(record_id) == 0


def test_a_whole_that_differs_from_its_manifest_is_never_received(kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record(size=100_000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    answer = caller.patch(
        record_id, 0, sealed[:-1] + b"\0\0"[: 1 if sealed[-1] else 0] + (b"" if sealed[-1] else b"\1")
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "record.damaged")
    assert caller.http.get(f"/receipts/{record_id}").status_code == 404
    caller.create(record_id, len(sealed))
    assert caller.patch(record_id, 0, sealed).status_code == 204
    assert caller.http.get(f"/receipts/{record_id}").status_code == 200


def test_wrong_offsets_and_too_many_bytes_are_refused(kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record(size=100_000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    assert caller.patch(record_id, 10, sealed[10:]).status_code == 409
    assert caller.patch(record_id, 0, sealed + b"more").status_code == 413
    assert caller.patch(record_id, 0, sealed, Upload_Offset="-1").status_code == 400
    assert caller.patch(record_id, 0, sealed, Content_Type="application/json").status_code == 415
    assert caller.offset(record_id) == 0


@pytest.mark.days
def test_a_client_that_can_only_post_uploads_and_ends(kit: Kit, caller: Caller) -> None:
    def post(method: str, content: bytes = b"", **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        override = {"X-HTTP-Method-Override": method}
        return caller.http.post(f"/tus/{record_id}", headers={**CHUNK, **override, **named}, content=content)

    record_id, manifest, sealed, _ = kit.record(size=50_000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    assert post("PATCH", sealed[:20_000], Upload_Offset="0").headers["Upload-Offset"] == "20000"
    assert post("PATCH", sealed, Upload_Offset="0").status_code == 409
    assert post("HEAD").headers["Upload-Offset"] == "20000"
    assert post("DELETE").status_code == 204
    assert caller.http.head(f"/tus/{record_id}", headers=VERSION).status_code == 404


def test_every_answer_of_tus_bears_the_version(caller: Caller) -> None:
    no_token = caller.http.head("/tus/x", headers={**VERSION, "Authorization": ""})
    no_method = caller.http.put("/tus/x")
    nothing = caller.http.get("/tus/x/y/z")
    for answer in (no_token, no_method, nothing, caller.http.post("/tus"), caller.http.options("/tus")):
        assert answer.headers["Tus-Resumable"] == "1.0.0", answer.status_code


def test_another_version_and_another_token_are_refused(kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record()
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    unversioned = caller.http.head(f"/tus/{record_id}", headers={"Tus-Resumable": "0.2.2"})
    assert (unversioned.status_code, unversioned.headers["Tus-Version"]) == (412, "1.0.0")
    assert caller.http.head(f"/tus/{record_id}", headers={**VERSION, "Authorization": "Bearer no"}).status_code == 401
    assert caller.http.post("/tus", headers={**VERSION, "Authorization": ""}).status_code == 401


def test_a_terminated_upload_begins_at_zero_and_a_received_one_stays(kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record(size=50_000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    caller.patch(record_id, 0, sealed[:20_000])
    assert caller.http.delete(f"/tus/{record_id}", headers=VERSION).status_code == 204
    assert caller.http.head(f"/tus/{record_id}", headers=VERSION).status_code == 404
    assert caller.create(record_id, len(sealed)).headers["Upload-Offset"] == "0"
    assert caller.patch(record_id, 0, sealed).status_code == 204
    assert caller.http.delete(f"/tus/{record_id}", headers=VERSION).status_code == 409


def test_many_requests_at_one_offset_keep_one(kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record(size=200_000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda _: caller.patch(record_id, 0, sealed[:100_000]).status_code, range(6)))
    assert sorted(statuses) == [204] + [409] * 5
    assert caller.patch(record_id, 100_000, sealed[100_000:]).status_code == 204


def test_bytes_before_a_cut_are_kept_without_a_checksum(world: World, kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record(size=200_000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    head = "".join(
        f"{line}\r\n"
        for line in (
            f"PATCH /tus/{record_id} HTTP/1.1",
            "Host: x",
            f"Authorization: {caller.headers['Authorization']}",
            "Tus-Resumable: 1.0.0",
            "Content-Type: application/offset+octet-stream",
            "Upload-Offset: 0",
            f"Content-Length: {len(sealed)}",
            "",
        )
    )
    context = ssl.create_default_context(cafile=str(world.folder / "ca.pem"))
    with (
        socket.create_connection(("127.0.0.1", world.port)) as raw,
        context.wrap_socket(raw, server_hostname="127.0.0.1") as line,
    ):
        line.sendall(head.encode() + sealed[:120_000])
    for _ in range(100):
        kept = caller.offset(record_id)
        if kept:
            break
    assert 0 < kept <= 120_000
    assert caller.patch(record_id, kept, sealed[kept:]).status_code == 204


@pytest.mark.days
def test_expired_uploads_are_swept(world: World, kit: Kit, caller: Caller) -> None:
    record_id, manifest, sealed, _ = kit.record(size=50_000)
    caller.announce(manifest)
    caller.create(record_id, len(sealed))
    caller.patch(record_id, 0, sealed[:20_000])
    world.clock.advance(days=31)
    world.stop()
    world.start()
    link = kit.link(world.url)
    assert link.open_upload(record_id, len(sealed)).answer() == 0
    link.close()
    assert not list((world.folder / "objects" / "parts").rglob("*-*"))


def test_tuspy_sees_a_refusal(world: World, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(world.folder / "ca.pem"))
    client = TusClient(f"{world.url}/tus", headers={"Authorization": "Bearer stolen"})
    with pytest.raises(TusCommunicationError):
        client.uploader(file_stream=io.BytesIO(b"x"), metadata={"record_id": "r"}).upload()


@pytest.mark.days
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # tuspy leaves its connection to the collector
def test_tuspy_goes_on_after_a_cut_and_meets_each_refusal(
    world: World, kit: Kit, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(world.folder / "ca.pem"))
    record_id, manifest, sealed, _ = kit.record(size=300_000)
    caller.announce(manifest)

    def uploader(url: str | None = None, **headers: str) -> Uploader:
        client = TusClient(f"{world.url}/tus", headers={**caller.headers, **headers})
        named = {"record_id": record_id}
        return client.uploader(file_stream=io.BytesIO(sealed), chunk_size=100_000, metadata=named, url=url)

    def status(of: Uploader) -> int:
        with pytest.raises(TusCommunicationError) as refused:
            of.upload_chunk()
        assert refused.value.status_code is not None
        return int(refused.value.status_code)

    first = uploader()
    first.upload_chunk()
    # One request after a cut: another offset, a wrong digest, another version; then the rest of it.
    elsewhere = uploader(first.url)
    elsewhere.offset = 7
    assert status(elsewhere) == 409
    wrong = base64.b64encode(hashlib.sha1(b"other", usedforsecurity=False).digest()).decode()
    assert status(uploader(first.url, **{"Upload-Checksum": f"sha1 {wrong}"})) == 460
    older = uploader(first.url)
    older.client.set_headers({"Tus-Resumable": "0.2.2"})
    assert status(older) == 412
    assert caller.offset(record_id) == 100_000
    rest = uploader(first.url)
    assert rest.offset == 100_000
    rest.upload()
    assert caller.offset(record_id) == len(sealed)
    big = TusClient(f"{world.url}/tus", headers=caller.headers).uploader(
        file_stream=io.BytesIO(b"x" * (65 * 1024 * 1024)), chunk_size=1000, metadata={"record_id": record_id}
    )
    assert status(big) == 413
