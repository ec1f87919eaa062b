from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from support.clock import true_clock
from support.osia_server import OsiaServer, serving

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.vault.certificates import (
    certificates_to_pem,
    create_ca,
    issue_kit,
    issue_tls,
    make_csr,
    new_private_key,
    private_to_pem,
)
from sync.gateway.onward.osia import Access, OsiaClient

_ANY = {"get": {"operationId": "get", "parameters": [], "responses": {"200": {}, "400": {}, "401": {}}}}


class Naps:
    """Sleeps for nobody, and remembers."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


_made: list[OsiaClient] = []


@pytest.fixture(autouse=True)
def _hang_up() -> Iterator[None]:
    yield
    while _made:
        _made.pop().close()


def kept(made: OsiaClient) -> OsiaClient:
    _made.append(made)
    return made


@pytest.fixture
def server() -> Iterator[OsiaServer]:
    with serving(OsiaServer({"paths": {"/v1/x": _ANY}}, {"get": lambda *_: (200, {"a": 1})})) as made:
        yield made


def client(server: OsiaServer, access: Access | None = None, naps: Naps | None = None) -> OsiaClient:
    return kept(OsiaClient(server.url, access or Access(), naps or Naps(), Random(1)))


def test_an_answer_is_read(server: OsiaServer) -> None:
    said = client(server).ask("GET", "v1", "x", params={})
    assert (said.status, said.content, said.reason) == (200, {"a": 1}, "HTTP 200")


def test_who_is_busy_is_asked_again_after_growing_pauses(server: OsiaServer) -> None:
    naps = Naps()
    server.first = [(503, None), (429, None), (502, None)]
    assert client(server, naps=naps).ask("GET", "v1", "x", params={}).status == 200
    assert len(naps.slept) == 3
    assert 0 < naps.slept[0] <= 1 < 4 >= naps.slept[2]
    server.first = [(503, None)] * 4
    with pytest.raises(KnownError) as caught:
        client(server, naps=naps).ask("GET", "v1", "x", params={})
    assert caught.value.code == "onward.away"


def test_nobody_there_is_away() -> None:
    with serving(OsiaServer({"paths": {}}, {})) as gone:
        pass
    naps = Naps()
    with pytest.raises(KnownError) as caught:
        client(gone, naps=naps).ask("GET", "v1", "x", params={})
    assert (caught.value.code, len(naps.slept)) == ("onward.away", 3)


def test_an_error_of_the_interface_is_the_reason(server: OsiaServer) -> None:
    server.first = [(400, {"code": 7, "message": "no face"})]
    assert client(server).ask("GET", "v1", "x", params={}).reason == "HTTP 400 7 no face"
    server.first = [(400, [1])]
    assert client(server).ask("GET", "v1", "x", params={}).reason == "HTTP 400"


def test_a_token_file_is_read_for_each_request(server: OsiaServer, tmp_path: Path) -> None:
    token = tmp_path / "token"
    asking = client(server, Access(token_file=token))
    for text in ("first", "second"):
        token.write_text(f"{text}\n")
        asking.ask("GET", "v1", "x", params={})
    assert [headers["authorization"] for headers in map(_lower, server.headers)] == ["Bearer first", "Bearer second"]
    token.unlink()
    with pytest.raises(InputError) as caught:
        asking.ask("GET", "v1", "x", params={})
    assert caught.value.code == "onward.key_unreadable"


def test_an_oauth_token_is_fetched_kept_and_renewed(server: OsiaServer, tmp_path: Path) -> None:
    secret, now = tmp_path / "secret", [0.0]
    secret.write_text("s3cret\n")
    access = Access(oauth_url=f"{server.url}/token", client_id="dinas", client_secret_file=secret)
    asking = kept(OsiaClient(server.url, access, Naps(), Random(1), lambda: now[0]))
    server.first = [(200, {"access_token": "t1", "expires_in": 100})]
    for _ in range(2):
        asking.ask("GET", "v1", "x", params={})
    now[0] = 80.0
    server.first = [(200, {"access_token": "t2", "expires_in": 100})]
    asking.ask("GET", "v1", "x", params={})
    said = [_lower(headers).get("authorization") for headers in server.headers]
    basic = f"Basic {base64.b64encode(b'dinas:s3cret').decode()}"
    assert said == [basic, "Bearer t1", "Bearer t1", basic, "Bearer t2"]


def test_a_token_that_was_taken_back_is_fetched_once_more(server: OsiaServer) -> None:
    asking = client(server, Access(oauth_url=f"{server.url}/token", client_id="dinas"))
    token = (200, {"access_token": "t", "expires_in": 100})
    server.first = [token, (401, None), token]
    assert asking.ask("GET", "v1", "x", params={}).status == 200
    for refusal in ([(401, None), token, (401, None)], [(401, None), (401, {"error": "invalid_client"})]):
        server.first = list(refusal)
        with pytest.raises(KnownError) as caught:
            asking.ask("GET", "v1", "x", params={})
        assert caught.value.code == "onward.refused"


def test_a_client_certificate_lets_in(tmp_path: Path) -> None:
    now = true_clock().now()
    ca, key = create_ca("Pusat", now), new_private_key()
    tls = issue_tls(ca, ["127.0.0.1"], now)
    files = {
        "ca.pem": certificates_to_pem(ca.certificate_der),
        "tls.pem": certificates_to_pem(tls.certificate_der) + private_to_pem(tls.private_der),
        "me.pem": certificates_to_pem(issue_kit(ca, make_csr(key), "dinas", now)),
        "me.key": private_to_pem(key),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tmp_path / "ca.pem")
    context.load_cert_chain(tmp_path / "tls.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    access = Access(certificate=tmp_path / "me.pem", key=tmp_path / "me.key", ca=tmp_path / "ca.pem")
    with serving(OsiaServer({"paths": {"/v1/x": _ANY}}, {"get": lambda *_: (200, 1)}), context) as server:
        assert client(server, access).ask("GET", "v1", "x", params={}).content == 1
        with pytest.raises(KnownError):
            client(server, Access(ca=tmp_path / "ca.pem")).ask("GET", "v1", "x", params={})
        with pytest.raises(KnownError):
            client(server).ask("GET", "v1", "x", params={})  # a server that nobody vouches for
    with pytest.raises(InputError) as caught:
        OsiaClient("https://x", Access(certificate=tmp_path / "none.pem"))
    assert caught.value.code == "onward.key_unreadable"


@pytest.mark.parametrize("url", ["", "x", "ftp://x", "http://pusat.example", "https://x?a=1", "https://"])
def test_an_address_without_tls_or_sense_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        OsiaClient(url, Access())
    assert caught.value.code == "onward.address"


def _lower(headers: object) -> dict[str, str]:
    return {name.lower(): value for name, value in dict(headers).items()}  # type: ignore[call-overload]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost", "https://pusat.example/v"])
def test_this_machine_itself_needs_no_tls(url: str) -> None:
    assert kept(OsiaClient(url, Access())).host in {"127.0.0.1", "::1", "localhost", "pusat.example"}


@pytest.mark.parametrize("url", ["https://x#f", "http://localhost?a=1", "https:///x"])
def test_an_address_is_nothing_but_a_place(url: str) -> None:
    with pytest.raises(InputError, match=r"onward\.address"):
        OsiaClient(url, Access())


def test_only_who_is_busy_or_away_is_asked_again(server: OsiaServer) -> None:
    naps = Naps()
    asking = client(server, naps=naps)
    for number, status in enumerate((429, 502, 503, 504), 1):
        server.first = [(status, None)]
        assert asking.ask("GET", "v1", "x", params={}).status == 200
        assert len(naps.slept) == number
    for status in (400, 403, 404, 409, 500, 501, 505):
        server.first = [(status, None)]
        assert asking.ask("GET", "v1", "x", params={}).status == status
    assert len(naps.slept) == 4


def test_a_pause_is_as_long_as_it_is_asked_for(server: OsiaServer) -> None:
    naps = Naps()
    asking = client(server, naps=naps)
    for told, least_s, most_s in (
        ("7", 7, 7),
        ("99999", 10, 10),
        ("100000", 0, 1),
        ("soon", 0, 1),
        ("-9", 0, 1),
        ("\u00b2", 0, 1),
        ("", 0, 1),
    ):
        server.first, server.more_headers = [(503, None)], {"Retry-After": told}
        asking.ask("GET", "v1", "x", params={})
        assert least_s <= naps.slept[-1] <= most_s


def test_a_body_is_told_as_json_and_an_answer_has_a_greatest_size(
    server: OsiaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = client(server)
    server.first = [(200, None)]
    assert asking.ask("GET", "v1", "x", params={}).content is None
    server.first = [(200, [1]), (200, [1])]
    monkeypatch.setattr("sync.gateway.onward.osia._MOST_BYTES", 3)
    assert asking.ask("POST", "v1", "x", params={}, body={}).content == [1]
    monkeypatch.setattr("sync.gateway.onward.osia._MOST_BYTES", 2)
    with pytest.raises(KnownError, match=r"onward\.away"):
        asking.ask("GET", "v1", "x", params={})
    told = [_lower(headers).get("content-type") for headers in server.headers]
    assert told == [None, "application/json", *[None] * 4]
    assert {_lower(headers).get("authorization") for headers in server.headers} == {None}


def test_who_has_no_token_to_fetch_is_refused_at_once(server: OsiaServer) -> None:
    server.first = [(401, None)]
    with pytest.raises(KnownError, match=r"onward\.refused"):
        client(server).ask("GET", "v1", "x", params={})
    assert len(server.asked) == 1


def test_a_token_is_renewed_half_a_minute_before_its_end(server: OsiaServer) -> None:
    now = [0.0]
    access = Access(oauth_url=f"{server.url}/token", client_id="dinas")
    asking = kept(OsiaClient(server.url, access, Naps(), Random(1), lambda: now[0]))
    token = (200, {"access_token": "t", "expires_in": 100})
    asked = []
    for at in (0.0, 69.5, 70.0):
        now[0] = at
        server.first = [token, (200, None)] if at != 69.5 else []
        asking.ask("GET", "v1", "x", params={})
        asked.append(len([each for each in server.asked if "token" in each]))
    assert asked == [1, 1, 2]
    basic = f"Basic {base64.b64encode(b'dinas:').decode()}"
    assert _lower(server.headers[0])["authorization"] == basic
    for nonsense in (["x"], {"expires_in": 5}, {"access_token": "t", "expires_in": "soon"}):
        now[0] += 1000
        server.first = [(200, nonsense)]
        with pytest.raises(KnownError, match=r"onward\.refused"):
            asking.ask("GET", "v1", "x", params={})
