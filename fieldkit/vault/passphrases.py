"""How a passphrase or a PIN becomes a key, and which ones are too easy to guess."""

from __future__ import annotations

import hmac
import math
import os
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from fieldkit.domain.errors import InputError
from fieldkit.vault.slot_file import Kdf

# Ciphers are imported where they are used: the sign-in screen shows names and must not wait for them.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_SALT_BYTES = 16
_MIN_PASSPHRASE, _PIN_DIGITS = 8, 6
_LEAST_SCORE = 3  # zxcvbn: safely unguessable, moderate protection from an offline attack
_MAX_JUDGED = 72  # what zxcvbn looks at; longer ones are not weaker
_WHY = {
    "user_inputs": "vault.passphrase_named",
    "passwords": "vault.passphrase_common",
    "spatial": "vault.passphrase_pattern",
    "sequence": "vault.passphrase_pattern",
    "repeat": "vault.passphrase_pattern",
    "date": "vault.passphrase_date",
}
_WANTED_S = 0.5
_MOST_ITERATIONS = 64


class Hardness(NamedTuple):
    """How hard a passphrase is to guess: Argon2id memory in KiB, passes, executors."""

    memory_kib: int = 128 * 1024
    iterations: int = 3
    lanes: int = 4


def measured() -> Hardness:
    """Return the hardness that costs this machine at least half a second, never less than 128 MiB and three passes."""
    least = Hardness()
    begun = time.perf_counter()
    _derived("measured", new_kdf(least))
    took = time.perf_counter() - begun
    passes = math.ceil(least.iterations * _WANTED_S / took)
    return least._replace(iterations=min(max(least.iterations, passes), _MOST_ITERATIONS))


# A PIN's hash lies inside the closed slot: who reads it holds the key of the store already. It is asked for at every
# seal, while a person waits.
_PIN_HARDNESS = Hardness(memory_kib=19 * 1024, iterations=2, lanes=1)


@dataclass(frozen=True, slots=True)
class Pin:
    """The hash of a PIN, and how it was made."""

    kdf: Kdf
    hash: bytes = field(repr=False)

    @classmethod
    def of(cls, pin: str) -> Pin | None:
        """Return the hash of a new PIN, None for "". Raise `InputError` `vault.pin_form` (digits)."""
        check_pin(pin)
        if not pin:
            return None
        kdf = new_kdf(_PIN_HARDNESS)
        return cls(kdf, _derived(pin, kdf))

    def is_right(self, pin: str) -> bool:
        """Return whether this is the PIN; takes a moment by design."""
        return hmac.compare_digest(_derived(pin, self.kdf), self.hash)


def check_passphrase(passphrase: str, names: Sequence[str] = ()) -> None:
    """Raise `InputError` for what no slot would be closed with: too short, or too easy to guess, saying why.

    `names` are words that everybody knows of the user, the kit and the dinas.
    """
    if len(passphrase) < _MIN_PASSPHRASE:
        raise InputError("vault.weak_passphrase", least=_MIN_PASSPHRASE).at("new")
    judged = _judged(passphrase, names)
    if judged["score"] < _LEAST_SCORE:
        weakest = max(judged["sequence"], key=lambda match: len(match["token"]))
        kind = weakest.get("dictionary_name") or weakest["pattern"]
        raise InputError(_WHY.get(kind, "vault.passphrase_guessable")).at("new")


def score_of(passphrase: str, names: Sequence[str] = ()) -> int:
    """Return how hard a passphrase is to guess: 0 (at once) to 4 (zxcvbn)."""
    return int(_judged(passphrase, names)["score"]) if passphrase else 0


def _judged(passphrase: str, names: Sequence[str]) -> dict[str, Any]:
    from zxcvbn import zxcvbn

    words = [word for name in names for word in (name, *name.split())]
    return dict(zxcvbn(passphrase[:_MAX_JUDGED], user_inputs=words))


def spelled(code: str) -> str:
    """Return the code of a recovery sheet as its slot has it: capitals, without the blanks and dashes of the paper."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def check_pin(pin: str) -> None:
    """Raise `InputError` `vault.pin_form` (digits) for what is neither a PIN nor ""."""
    if pin and (len(pin) != _PIN_DIGITS or not (pin.isascii() and pin.isdigit())):
        raise InputError("vault.pin_form", digits=_PIN_DIGITS).at("pin")


def new_kdf(hardness: Hardness) -> Kdf:
    """Return the parameters with a salt of their own."""
    return Kdf(hardness.memory_kib, hardness.iterations, hardness.lanes, os.urandom(_SALT_BYTES))


def cipher_of(passphrase: str, kdf: Kdf) -> ChaCha20Poly1305:
    """Return what a passphrase opens and closes. Raise `ValueError` for a salt or cost that the primitive refuses."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    return ChaCha20Poly1305(_derived(passphrase, kdf))


def _derived(secret: str, kdf: Kdf) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    argon2id = Argon2id(
        salt=kdf.salt, length=32, iterations=kdf.iterations, lanes=kdf.lanes, memory_cost=kdf.memory_kib
    )
    # Keyboards compose é in two ways; people type one passphrase.
    return argon2id.derive(unicodedata.normalize("NFC", secret).encode())
