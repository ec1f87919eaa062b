from __future__ import annotations

import base64
import os
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.vault import age

PLAINTEXT = os.urandom(70_000)  # two chunks
IDENTITY = age.generate_identity()
OTHER = age.generate_identity()
SEALED = age.encrypt(PLAINTEXT, [IDENTITY.recipient, OTHER.recipient])
HEADER_BYTES = SEALED.index(b"\n--- ") + 1 + 4 + 43 + 1

NodeAge = Callable[..., bytes]


def refused(ciphertext: bytes, identity: age.Identity = IDENTITY) -> str:
    with pytest.raises(VaultError) as caught:
        age.decrypt(ciphertext, [identity])
    assert caught.value.code in {"vault.age_malformed", "vault.age_no_identity", "vault.age_tampered"}
    return caught.value.code


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 131_073])
def test_each_recipient_opens_any_size(size: int) -> None:
    plaintext = os.urandom(size)
    sealed = age.encrypt(plaintext, [IDENTITY.recipient, OTHER.recipient])
    assert age.decrypt(sealed, [IDENTITY]) == plaintext
    assert age.decrypt(sealed, [age.generate_identity(), OTHER]) == plaintext


def test_nobody_else_opens_it() -> None:
    assert refused(SEALED, age.generate_identity()) == "vault.age_no_identity"


def test_nothing_is_encrypted_for_nobody() -> None:
    with pytest.raises(ValueError, match="nobody"):
        age.encrypt(b"", [])


def test_two_seals_of_one_content_have_nothing_in_common() -> None:
    again = age.encrypt(PLAINTEXT, [IDENTITY.recipient])
    assert again[-100:] != SEALED[-100:]


@pytest.mark.days
def test_a_flipped_bit_in_the_header_is_refused() -> None:
    for position in range(HEADER_BYTES):
        refused(_flipped(SEALED, position, 1 << position % 8))


def test_a_flipped_bit_in_the_payload_is_refused() -> None:
    positions = {*range(HEADER_BYTES, len(SEALED), 997), *range(HEADER_BYTES, HEADER_BYTES + 40)}
    positions |= {*range(len(SEALED) - 40, len(SEALED)), HEADER_BYTES + 16 + 65_552 - 1, HEADER_BYTES + 16 + 65_552}
    for position in sorted(positions):
        assert refused(_flipped(SEALED, position, 0x80 >> position % 8)) == "vault.age_tampered"


def test_a_file_cut_short_is_refused() -> None:
    second_chunk = HEADER_BYTES + 16 + 65_552
    sizes = {
        0,
        1,
        22,
        100,
        *range(HEADER_BYTES - 2, HEADER_BYTES + 34),
        second_chunk,
        second_chunk + 16,
        len(SEALED) - 1,
    }
    for size in sorted(sizes):
        refused(SEALED[:size])


def test_bytes_added_anywhere_are_refused() -> None:
    for tail in (b"\0", b"\n", os.urandom(16), os.urandom(70_000)):
        assert refused(SEALED + tail) == "vault.age_tampered"
    refused(b"\n" + SEALED)
    refused(SEALED[:HEADER_BYTES] + b"\0" + SEALED[HEADER_BYTES:])


def test_chunks_cannot_be_swapped_or_dropped() -> None:
    sealed = age.encrypt(os.urandom(3 * 65_536), [IDENTITY.recipient])
    start = sealed.index(b"\n--- ") + 1 + 4 + 43 + 1 + 16
    head, chunks = sealed[:start], [sealed[start + n * 65_552 : start + (n + 1) * 65_552] for n in range(3)]
    assert age.decrypt(head + b"".join(chunks), [IDENTITY])
    for order in ((1, 0, 2), (0, 2), (0, 1), (0, 0, 2), (2,)):
        assert refused(head + b"".join(chunks[n] for n in order)) == "vault.age_tampered"


def test_an_empty_last_chunk_is_refused() -> None:
    sealed = age.encrypt(b"", [IDENTITY.recipient])
    assert refused(SEALED[: HEADER_BYTES + 16 + 65_552] + sealed[-16:]) == "vault.age_tampered"


def test_a_stanza_taken_out_or_put_in_is_refused() -> None:
    first, second = SEALED.index(b"\n-> ") + 1, SEALED.index(b"\n-> ", 30) + 1
    mac_line = SEALED.index(b"\n--- ") + 1
    assert refused(SEALED[:first] + SEALED[second:], OTHER) == "vault.age_tampered"
    assert refused(SEALED[:first] + SEALED[mac_line:]) == "vault.age_malformed"
    assert refused(SEALED[:mac_line] + b"-> X25519 abc\n\n" + SEALED[mac_line:]) == "vault.age_tampered"
    assert refused(SEALED[:first] + b"-> a  b\n\n" + SEALED[first:]) == "vault.age_malformed"
    assert refused(SEALED[:first] + b"-> mlkem768x25519 AAAA\n\n" + SEALED[first:]) == "vault.age_malformed"


def test_other_spellings_of_the_same_bytes_are_refused() -> None:
    mac_line = SEALED.index(b"\n--- ") + 1
    assert refused(SEALED[: HEADER_BYTES - 1] + b"=" + SEALED[HEADER_BYTES - 1 :]) == "vault.age_malformed"
    assert refused(SEALED[:mac_line].replace(b"\n", b"\r\n") + SEALED[mac_line:]) == "vault.age_malformed"
    last = SEALED[HEADER_BYTES - 2 : HEADER_BYTES - 1]
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    loose = alphabet[alphabet.index(last) + 1 : alphabet.index(last) + 2]  # the same 32 bytes, spare bits set
    assert refused(SEALED[: HEADER_BYTES - 2] + loose + SEALED[HEADER_BYTES - 1 :]) == "vault.age_malformed"


def test_an_endless_header_is_refused_at_once() -> None:
    endless = b"age-encryption.org/v1\n" + b"-> grease x\n\n" * 100_000
    assert refused(endless) == "vault.age_malformed"


@pytest.mark.parametrize(
    "content", [b"", b"age", b"\0" * 1000, b"PK\x03\x04", b"age-encryption.org/v2\n", b"\xff" * 50]
)
def test_other_files_are_refused(content: bytes) -> None:
    assert refused(content) == "vault.age_malformed"


def test_keys_are_read_as_they_are_written() -> None:
    assert age.Identity.parse(IDENTITY.secret_text) == IDENTITY
    assert age.Recipient.parse(str(IDENTITY.recipient)) == IDENTITY.recipient
    assert IDENTITY.secret_text.startswith("AGE-SECRET-KEY-PQ-1")
    assert str(IDENTITY.recipient).startswith("age1pq1")
    assert IDENTITY.seed.hex() not in repr(IDENTITY)
    assert repr(IDENTITY.seed) not in repr(IDENTITY)


def test_an_identity_file_may_hold_comments_and_several_keys() -> None:
    text = f"# created: today\n# public key: {IDENTITY.recipient}\n{IDENTITY.secret_text}\n\n{OTHER.secret_text}\r\n"
    assert age.parse_identities(text) == (IDENTITY, OTHER)


@pytest.mark.parametrize(
    "text",
    ["", "# nothing", "AGE-SECRET-KEY-1QQQ", str(IDENTITY.recipient), IDENTITY.secret_text.lower()],
    ids=["nothing", "comment", "x25519", "recipient", "lower case"],
)
def test_other_identities_are_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        age.parse_identities(text)
    assert caught.value.code == "vault.age_identity"


@pytest.mark.parametrize(
    "text",
    ["", "age1pq1", IDENTITY.secret_text, str(IDENTITY.recipient)[:-1] + "b"],
    ids=["nothing", "cut", "identity", "typo"],
)
def test_other_recipients_are_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        age.Recipient.parse(text)
    assert caught.value.code == "vault.age_recipient"


@pytest.mark.days
def test_the_npm_implementation_opens_ours(node_age: NodeAge) -> None:
    assert node_age("decrypt", OTHER.secret_text, stdin=SEALED) == PLAINTEXT
    with pytest.raises(RuntimeError):
        node_age("decrypt", OTHER.secret_text, stdin=_flipped(SEALED, len(SEALED) - 1, 1))


@pytest.mark.days
def test_we_open_what_the_npm_implementation_made(node_age: NodeAge) -> None:
    secret, public = node_age("generate").decode().split()
    identity = age.Identity.parse(secret)
    assert str(identity.recipient) == public
    sealed = node_age("encrypt", str(OTHER.recipient), public, stdin=PLAINTEXT)
    assert age.decrypt(sealed, [identity]) == PLAINTEXT


def _flipped(content: bytes, position: int, mask: int) -> bytes:
    return content[:position] + bytes([content[position] ^ mask]) + content[position + 1 :]


def test_a_recipient_of_another_kind_is_refused_though_its_key_fits() -> None:
    _, key = age.decode(str(IDENTITY.recipient))
    for text in (age.encode("age1xx", key), age.encode("age1pq", key + b"x"), age.encode("age1pq", key[:-1])):
        with pytest.raises(InputError, match=r"vault\.age_recipient"):
            age.Recipient.parse(text)


def test_an_empty_last_chunk_is_refused_though_it_was_made_with_the_key() -> None:
    keys: list[bytes] = []
    sealed = age.encrypt_to(b"", [lambda file_key: keys.append(file_key) or (("kind",), b"x" * 48)])  # type: ignore[func-returns-value]
    start = sealed.index(b"\n--- ") + 1 + 4 + 43 + 1 + 16
    cipher = ChaCha20Poly1305(age._derived(keys[0], sealed[start - 16 : start], b"payload"))

    def opened(*chunks: bytes) -> bytes:
        nonces = [number.to_bytes(11, "big") + bytes([number == len(chunks) - 1]) for number in range(len(chunks))]
        payload = b"".join(cipher.encrypt(nonce, chunk, None) for nonce, chunk in zip(nonces, chunks, strict=True))
        return age.decrypt_by(sealed[:start] + payload, lambda _: keys[0])

    assert (opened(b""), opened(bytes(65_536), b"x")) == (b"", bytes(65_536) + b"x")
    with pytest.raises(VaultError, match=r"vault\.age_tampered"):
        opened(bytes(65_536), b"")


def test_stanzas_are_written_and_read_line_by_line() -> None:
    body = bytes(range(96))
    sealed = age.encrypt_to(b"", [lambda _: (("!kind", "~"), body), lambda _: (("short",), body[:47])])
    text = base64.b64encode(body)
    assert sealed.split(b"\n")[1:7] == [b"-> !kind ~", text[:64], text[64:], b"", b"-> short", text[:63]]
    assert age.stanzas_in(sealed) == [(("!kind", "~"), body), (("short",), body[:47])]
    for other in (text[:68], text + b"\n"):
        with pytest.raises(VaultError, match=r"vault\.age_malformed"):
            age.stanzas_in(sealed.replace(text[:64] + b"\n" + text[64:] + b"\n\n", other + b"\n", 1))
    for sign in (b"\x1f", b"\x7f", b"\xe9"):
        with pytest.raises(VaultError, match=r"vault\.age_malformed"):
            age.stanzas_in(sealed.replace(b"!kind", b"!ki" + sign, 1))


def test_a_file_of_another_version_or_with_another_body_is_malformed() -> None:
    assert refused(SEALED.replace(b"/v1\n", b"/v2\n", 1)) == "vault.age_malformed"
    (_, share), body = age.stanzas_in(SEALED)[0]
    assert (len(share), len(body)) == (1494, 32)
    short = SEALED.replace(age.unpadded(body) + b"\n", age.unpadded(body[:-1]) + b"\n", 1)
    assert refused(short) == "vault.age_malformed"


def test_a_recipient_that_is_no_key_is_refused_when_it_is_read() -> None:
    with pytest.raises(InputError, match=r"vault\.age_recipient"):
        age.Recipient.parse(age.encode("age1pq", b"\xff" * 1216))


@given(st.binary(max_size=200))
def test_what_is_encoded_is_decoded(content: bytes) -> None:
    assert age.decode(age.encode("age1pq", content)) == ("age1pq", content)
    assert age.decode(age.encode("age1pq", content).upper()) == ("age1pq", content)


def test_vector_of_bip_173() -> None:
    assert (
        age.decode("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw")[1].hex()
        == "00443214c74254b635cf84653a56d7c675be77df"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "nopartsatall",
        "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxx",  # checksum
        "Abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",  # mixed case
        "abcdef1bpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",  # b is not in the alphabet
        "1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
        "abc1de",
    ],
)
def test_refuses_what_is_not_bech32(text: str) -> None:
    with pytest.raises(ValueError, match=r"case|prefix|alphabet|checksum"):
        age.decode(text)


def test_refuses_padding_that_is_not_zero() -> None:
    words = age._regroup(b"\xff", 8, 5, pad=True)
    assert age._regroup(words, 5, 8, pad=False) == [0xFF]
    words[-1] |= 1
    with pytest.raises(ValueError, match="padding"):
        age._regroup(words, 5, 8, pad=False)


@pytest.mark.parametrize("prefix", ["kunci\x7f", "kuncí"])
def test_refuses_a_prefix_that_cannot_be_typed(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        age.decode(age.encode(prefix, b"x"))
