"""age v1 files (C2SP age specification) for `mlkem768x25519` recipients, the post-quantum hybrid of age 1.3.

Whole files in memory: a record is a few MB and is signed as a whole anyway.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac, hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fieldkit.domain.errors import InputError, VaultError

# Bech32 (BIP 173) without its length limit, as age uses it for keys.

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
# What each five bits that leave the checksum put back into it; the key of a hybrid identity has two thousand letters.
_BACK = [reduce(xor, (term for bit, term in enumerate(_GENERATOR) if top >> bit & 1), 0) for top in range(32)]


def encode(prefix: str, content: bytes) -> str:
    """Return lower-case Bech32 of the bytes."""
    words = _regroup(content, 8, 5, pad=True)
    checksum = _polymod([*_expanded(prefix), *words, 0, 0, 0, 0, 0, 0]) ^ 1
    words += [checksum >> shift & 31 for shift in (25, 20, 15, 10, 5, 0)]
    return prefix + "1" + "".join(_ALPHABET[word] for word in words)


def decode(text: str) -> tuple[str, bytes]:
    """Return the prefix in lower case and the bytes. Raise `ValueError` when it is not Bech32."""
    if text not in (text.lower(), text.upper()):
        raise ValueError("mixed case")
    prefix, one, body = text.lower().rpartition("1")
    if not one or not prefix or not prefix.isascii() or not prefix.isprintable():
        raise ValueError("no prefix")
    if len(body) < 6 or not set(body) <= _VALUES.keys():
        raise ValueError("not the Bech32 alphabet")
    words = [_VALUES[letter] for letter in body]
    if _polymod([*_expanded(prefix), *words]) != 1:
        raise ValueError("wrong checksum")
    return prefix, bytes(_regroup(words[:-6], 5, 8, pad=False))


def _expanded(prefix: str) -> list[int]:
    codes = prefix.encode()
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(words: list[int]) -> int:
    state = 1
    for word in words:
        state = (state & 0x1FFFFFF) << 5 ^ word ^ _BACK[state >> 25]
    return state


def _regroup(words: bytes | list[int], width: int, into: int, *, pad: bool) -> list[int]:
    held = bits = 0
    regrouped: list[int] = []
    for word in words:
        held = held << width | word
        bits += width
        while bits >= into:
            bits -= into
            regrouped.append(held >> bits)
            held &= (1 << bits) - 1
    if pad and bits:
        regrouped.append(held << (into - bits))
    elif not pad and (bits >= width or held):
        raise ValueError("padding is not zero")
    return regrouped


_INTRO = b"age-encryption.org/v1\n"
_KIND = "mlkem768x25519"
_HPKE_INFO = b"age-encryption.org/mlkem768x25519"
_ENCAPSULATED_BYTES = 1_120
_WRAPPED_BYTES = 32
_MLKEM_KEY_BYTES, _X25519_KEY_BYTES = 1_184, 32
_SEED_BYTES = 32
_NONCE_BYTES, _TAG_BYTES = 16, 16
_CHUNK_BYTES = 64 * 1024
_SEALED_CHUNK_BYTES = _CHUNK_BYTES + _TAG_BYTES
_LINE_CHARS = 64
# Far above two recipients (3.3 KB), far below what would keep a reader busy.
_MAX_HEADER_BYTES = 64 * 1024
_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)


@dataclass(frozen=True, slots=True)
class Recipient:
    """A public key, `age1pq1…` as text."""

    key: bytes  # ML-KEM-768 ‖ X25519, 1,216 bytes

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Read `age1pq1…`. Raise `InputError` `vault.age_recipient`."""
        try:
            prefix, key = decode(text.strip())
            if prefix != "age1pq" or len(key) != _MLKEM_KEY_BYTES + _X25519_KEY_BYTES:
                raise ValueError("another kind of recipient")
            MLKEM768PublicKey.from_public_bytes(key[:_MLKEM_KEY_BYTES])
        except ValueError as error:
            raise InputError("vault.age_recipient") from error
        return cls(key)

    def __str__(self) -> str:
        return encode("age1pq", self.key)

    def _wrap(self, file_key: bytes) -> tuple[tuple[str, ...], bytes]:
        public = hpke.MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.key[:_MLKEM_KEY_BYTES]),
            X25519PublicKey.from_public_bytes(self.key[_MLKEM_KEY_BYTES:]),
        )
        sealed = _SUITE.encrypt(file_key, public, _HPKE_INFO)
        share, wrapped = sealed[:_ENCAPSULATED_BYTES], sealed[_ENCAPSULATED_BYTES:]
        return (_KIND, unpadded(share).decode()), wrapped


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key, `AGE-SECRET-KEY-PQ-1…` as text."""

    seed: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Identity:
        """Read `AGE-SECRET-KEY-PQ-1…`. Raise `InputError` `vault.age_identity`."""
        try:
            prefix, seed = decode(text.strip())
            if prefix != "age-secret-key-pq-" or len(seed) != _SEED_BYTES or not text.strip().isupper():
                raise ValueError("another kind of identity")
        except ValueError as error:
            raise InputError("vault.age_identity") from error
        return cls(seed)

    @property
    def recipient(self) -> Recipient:
        """The public key."""
        mlkem, x25519 = self._halves()
        return Recipient(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    @property
    def secret_text(self) -> str:
        """The key as age writes it into an identity file."""
        return encode("age-secret-key-pq-", self.seed).upper()

    def _halves(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        # The hybrid KEM of HPKE stretches one seed to the keys of both halves (draft-ietf-hpke-pq, MLKEM768-X25519).
        stretched = hashlib.shake_256(self.seed).digest(96)
        return MLKEM768PrivateKey.from_seed_bytes(stretched[:64]), X25519PrivateKey.from_private_bytes(stretched[64:])


def generate_identity() -> Identity:
    """Make a new private key."""
    return Identity(os.urandom(_SEED_BYTES))


def parse_identities(text: str) -> tuple[Identity, ...]:
    """Read an identity file: one key a line, `#` begins a comment. Raise `InputError` when there is none."""
    lines = (line.strip() for line in text.splitlines())
    identities = tuple(Identity.parse(line) for line in lines if line and not line.startswith("#"))
    if not identities:
        raise InputError("vault.age_identity")
    return identities


Stanzas = Sequence[tuple[tuple[str, ...], bytes]]
"""Arguments and body of each stanza of a header."""


def encrypt(plaintext: bytes, recipients: Sequence[Recipient]) -> bytes:
    """Return an age file that each of the recipients can open."""
    if not recipients:
        raise ValueError("a file that nobody can open")
    return encrypt_to(plaintext, [recipient._wrap for recipient in recipients])


def encrypt_to(plaintext: bytes, wraps: Sequence[Callable[[bytes], tuple[tuple[str, ...], bytes]]]) -> bytes:
    """Return an age file whose key each of `wraps` puts into a stanza: its arguments and its body."""
    file_key = os.urandom(16)
    head = b"".join([_INTRO, *(_written(*wrap(file_key)) for wrap in wraps), b"---"])
    nonce = os.urandom(_NONCE_BYTES)
    mac = _header_mac(file_key, head).finalize()
    return b"".join([head, b" ", unpadded(mac), b"\n", nonce, *_encrypted_chunks(file_key, nonce, plaintext)])


def decrypt(ciphertext: bytes, identities: Sequence[Identity]) -> bytes:
    """Return the plaintext.

    Raise `VaultError`: `vault.age_malformed`, `vault.age_no_identity` (made for others, or its key parts are damaged)
    or `vault.age_tampered` (a byte of it was changed, cut off or added).
    """
    return decrypt_by(ciphertext, lambda stanzas: _unwrapped(stanzas, identities))


def decrypt_by(ciphertext: bytes, unwrap: Callable[[Stanzas], bytes]) -> bytes:
    """Return the plaintext of a file whose key `unwrap` finds in the stanzas. Raise as `decrypt`."""
    header = _Header.parse(ciphertext)
    file_key = unwrap(_pairs(header))
    try:
        _header_mac(file_key, header.authenticated).verify(header.mac)
        return _decrypted(file_key, memoryview(ciphertext)[header.size :])
    except (InvalidSignature, InvalidTag) as error:
        raise VaultError("vault.age_tampered") from error


def stanzas_in(file: bytes) -> Stanzas:
    """Return what the header says, not authenticated. Raise `VaultError` `vault.age_malformed`."""
    return _pairs(_Header.parse(file))


def _pairs(header: _Header) -> Stanzas:
    return [(stanza.arguments, stanza.body) for stanza in header.stanzas]


def _written(arguments: tuple[str, ...], body: bytes) -> bytes:
    text = unpadded(body)
    lines = [text[at : at + _LINE_CHARS] for at in range(0, len(text) + 1, _LINE_CHARS)]
    return b"".join([b"-> ", " ".join(arguments).encode(), b"\n", *(line + b"\n" for line in lines)])


@dataclass(frozen=True, slots=True)
class _Stanza:
    arguments: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Header:
    stanzas: tuple[_Stanza, ...]
    authenticated: bytes
    mac: bytes
    size: int

    @classmethod
    def parse(cls, file: bytes) -> _Header:
        if not file.startswith(_INTRO):
            raise VaultError("vault.age_malformed")
        lines = _Lines(file, len(_INTRO))
        stanzas = []
        while (line := lines.take()).startswith(b"-> "):
            arguments = tuple(line[3:].decode("ascii", "replace").split(" "))
            if not all(argument and all("!" <= sign <= "~" for sign in argument) for argument in arguments):
                raise VaultError("vault.age_malformed")
            stanzas.append(_Stanza(arguments, _stanza_body(lines)))
        mac = padded(line[4:])
        if not line.startswith(b"--- ") or len(mac) != 32 or not stanzas:
            raise VaultError("vault.age_malformed")
        return cls(tuple(stanzas), file[: lines.position - len(line) - 1 + 3], mac, lines.position)


class _Lines:
    """Takes the lines of a header one by one, within its bounds."""

    def __init__(self, file: bytes, position: int) -> None:
        self._file = file
        self.position = position

    def take(self) -> bytes:
        end = self._file.find(b"\n", self.position, _MAX_HEADER_BYTES)
        if end < 0:
            raise VaultError("vault.age_malformed")
        line = self._file[self.position : end]
        self.position = end + 1
        return line


def _stanza_body(lines: _Lines) -> bytes:
    body = b""
    while len(line := lines.take()) == _LINE_CHARS:
        body += padded(line)
    if len(line) > _LINE_CHARS:
        raise VaultError("vault.age_malformed")
    return body + padded(line)


def _unwrapped(stanzas: Stanzas, identities: Sequence[Identity]) -> bytes:
    privates = [hpke.MLKEM768X25519PrivateKey(*identity._halves()) for identity in identities]
    for arguments, body in stanzas:
        if arguments[0] != _KIND:  # other kinds, and age's random "grease", are not ours to judge
            continue
        share = padded(arguments[1].encode()) if len(arguments) == 2 else b""
        if len(share) != _ENCAPSULATED_BYTES or len(body) != _WRAPPED_BYTES:
            raise VaultError("vault.age_malformed")
        for private in privates:
            try:
                return _SUITE.decrypt(share + body, private, _HPKE_INFO)
            except InvalidTag:
                continue
    raise VaultError("vault.age_no_identity")


def _encrypted_chunks(file_key: bytes, nonce: bytes, plaintext: bytes) -> Iterator[bytes]:
    cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
    view = memoryview(plaintext)
    last = max(len(plaintext) - 1, 0) // _CHUNK_BYTES
    for number in range(last + 1):
        chunk = view[number * _CHUNK_BYTES : (number + 1) * _CHUNK_BYTES]
        yield cipher.encrypt(_chunk_nonce(number, number == last), chunk, None)


def _decrypted(file_key: bytes, payload: memoryview) -> bytes:
    sealed = payload[_NONCE_BYTES:]
    last = max(len(sealed) - 1, 0) // _SEALED_CHUNK_BYTES
    remainder = len(sealed) - last * _SEALED_CHUNK_BYTES
    # Only the single chunk of an empty file may be empty; otherwise two files would hold the same plaintext.
    if remainder < _TAG_BYTES or (last and remainder == _TAG_BYTES):
        raise VaultError("vault.age_tampered")
    cipher = ChaCha20Poly1305(_derived(file_key, bytes(payload[:_NONCE_BYTES]), b"payload"))
    return b"".join(
        cipher.decrypt(
            _chunk_nonce(number, number == last),
            sealed[number * _SEALED_CHUNK_BYTES : (number + 1) * _SEALED_CHUNK_BYTES],
            None,
        )
        for number in range(last + 1)
    )


def _chunk_nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _derived(file_key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt, info).derive(file_key)


def _header_mac(file_key: bytes, authenticated: bytes) -> hmac.HMAC:
    mac = hmac.HMAC(_derived(file_key, b"", b"header"), hashes.SHA256())
    mac.update(authenticated)
    return mac


def unpadded(content: bytes) -> bytes:
    """Return base64 without padding, as age writes it."""
    return base64.b64encode(content).rstrip(b"=")


def padded(text: bytes) -> bytes:
    """Decode unpadded base64 in its one canonical form. Raise `VaultError` `vault.age_malformed`."""
    try:
        content = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise VaultError("vault.age_malformed") from error
    if unpadded(content) != text:
        raise VaultError("vault.age_malformed")
    return content
