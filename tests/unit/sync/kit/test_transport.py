from __future__ import annotations

import ssl

import httpx2
import pytest
import sqlalchemy as sa
from support.gateway import Kit, World
from support.liar import Liar

from fieldkit.vault import keys
from sync.gateway.tables import kit_contacts
from sync.kit.line_errors import code_of
from sync.kit.transport import Connection, DataCenterLink, pinned_context, trouble_in
from sync.protocol.messages import Health
from sync.protocol.outcomes import RunStoppedError


def stopped(code: str) -> object:
    return pytest.raises(RunStoppedError, match=f"^{code}")


def test_only_the_pinned_ca_is_trusted(kit: Kit) -> None:
    context = pinned_context(kit.answer.configuration.ca_certificate)
    assert len(context.get_ca_certs()) == 1
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1:1", "sync.unreachable"),
        ("ftp://127.0.0.1", "sync.address_wrong"),
        ("not an address", "sync.address_wrong"),
    ],
)
def test_where_nobody_answers(kit: Kit, url: str, code: str) -> None:
    connection = Connection(url, pinned_context(kit.answer.configuration.ca_certificate))
    with stopped(code):
        connection.ask("GET", "/health")
    connection.close()


def test_another_name_than_the_certificates_is_refused(world: World, kit: Kit) -> None:
    connection = Connection(f"https://127.0.0.2:{world.port}", pinned_context(kit.answer.configuration.ca_certificate))
    with pytest.raises(RunStoppedError) as caught:
        connection.ask("GET", "/health")
    connection.close()
    assert caught.value.code in ("sync.untrusted_server", "sync.unreachable")


@pytest.mark.parametrize(
    ("verify_code", "code"),
    [(9, "sync.clock_or_certificate"), (10, "sync.clock_or_certificate"), (18, "sync.untrusted")],
)
def test_a_clock_that_is_wrong_is_told_apart_from_a_stranger(verify_code: int, code: str) -> None:
    distrust = ssl.SSLCertVerificationError("certificate verify failed")
    distrust.verify_code = verify_code  # as OpenSSL sets it: not yet valid, expired, self-signed
    failed = httpx2.ConnectError("handshake")
    failed.__cause__ = distrust
    assert code_of(failed).startswith(code)


def test_redirects_are_not_followed(world: World, kit: Kit) -> None:
    world.stop()
    world.start(Liar("GET", "/health", 307, headers={"Location": "https://127.0.0.1:1/"}))
    connection = Connection(world.url, pinned_context(kit.answer.configuration.ca_certificate))
    with stopped("sync.nonsense"):
        connection.ask_message("GET", "/health", Health, headers={})
    connection.close()


def test_one_token_serves_a_run_and_a_new_one_comes_in_time(world: World, kit: Kit) -> None:
    link = kit.link(world.url)
    link.counts()
    first = link._token
    link.counts()
    assert link._token == first
    kit.clock.advance(minutes=10)
    link.counts()
    assert link._token != first
    link.close()


def test_a_key_that_is_not_the_kits_gets_no_token(world: World, kit: Kit) -> None:
    forger = Kit(kit.name, keys.new_private_key(), b"", kit.answer, kit.clock)
    link = forger.link(world.url)
    with stopped("sync.not_admitted"):
        link.counts()
    link.close()


def test_a_link_hangs_up_after_use(world: World, kit: Kit) -> None:
    connection = Connection(world.url, pinned_context(kit.answer.configuration.ca_certificate))
    with DataCenterLink(connection, kit.name, kit.signer, kit.clock) as link:
        assert link.configuration().gateway == kit.answer.configuration.gateway
        assert link.hello().max_chunk_bytes > 0
    assert connection._client is None


def test_signing_in_tells_the_data_center_which_program_spoke_and_when(world: World, kit: Kit) -> None:
    connection = Connection(world.url, pinned_context(kit.answer.configuration.ca_certificate))
    for program in ("0.1.9", "0.2.0"):
        with DataCenterLink(connection, kit.name, kit.signer, kit.clock, program) as link:
            link.counts()
    with world.gateway_context.engine.begin() as rows:
        contacts = rows.execute(sa.select(kit_contacts).where(kit_contacts.c.kit == kit.name)).all()
    assert [(row.at, row.program) for row in contacts] == [(kit.clock.now(), "0.2.0")]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(409, b'{"code": "x.y"}', "x.y"), (409, b"<html>", ""), (200, b'{"code": "x.y"}', ""), (500, b"[]", "")],
)
def test_the_code_of_a_refusal(status: int, body: bytes, code: str) -> None:
    assert trouble_in(status, body) == code
