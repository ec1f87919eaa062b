"""The second factor of a sign-in: six digits of an authenticator (TOTP, RFC 6238), or a spare code on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from fieldkit.domain.people.accounts import PERMISSIONS, Permission, Role

STEP_S, DIGITS, SPARES = 30, 6, 10
_EXPECTED = frozenset({Permission.SIGN, Permission.ADD_USERS})
_NEAR = 2  # steps before and after, for a clock that goes a minute wrong
_FAR = 20  # at the set-up, where the secret stands on the screen anyway: ten minutes
_FREE_TRIES = 5
_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))


def is_expected(role: Role) -> bool:
    """Return whether a role should have one: who may sign letters or administer."""
    return bool(PERMISSIONS[role] & _EXPECTED)


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What the store keeps of one user. `spares` are digests; `drift` is how far the phone is ahead, in steps."""

    secret: str = field(repr=False)
    last_step: int  # no code of this step or of one before it counts any more
    drift: int
    spares: tuple[str, ...] = field(repr=False)
    failures: int = 0
    failed_at: datetime | None = None

    def by_clock(self, now: datetime) -> SecondFactor:
        """Return what is kept by a clock that may have been set back: the same wait then begins anew, and it ends."""
        return replace(self, failed_at=self.failed_at and min(self.failed_at, now))

    def locked_for(self, now: datetime) -> timedelta:
        """Return how long no code is looked at after too many wrong ones; by a clock that was set back not longer."""
        if self.failures < _FREE_TRIES or self.failed_at is None:
            return timedelta()
        delay = _DELAYS[min(self.failures - _FREE_TRIES, len(_DELAYS) - 1)]
        return min(delay, max(timedelta(), self.failed_at + delay - now))

    @property
    def tries_left(self) -> int:
        """How many codes may be wrong before one has to wait."""
        return max(0, _FREE_TRIES - self.failures)

    def failed(self, now: datetime) -> SecondFactor:
        """Return what is kept after a wrong code."""
        return replace(self, failures=self.failures + 1, failed_at=now)

    def spend(self, typed: str, now: datetime, code_at: Callable[[int], str]) -> SecondFactor | None:
        """Return what is kept after the right code, which then counts no more; None for a wrong one."""
        code = spelled(typed)
        if code.isdigit():
            here = int(now.timestamp()) // STEP_S
            step = _step_of(code, _around(here, here + self.drift), self.last_step, code_at)
            return replace(self, last_step=step, drift=step - here, failures=0, failed_at=None) if step else None
        if (spare := digest_of(code)) not in self.spares:
            return None
        left = tuple(each for each in self.spares if each != spare)
        return replace(self, spares=left, failures=0, failed_at=None)

    def as_value(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "secret": self.secret,
            "last_step": self.last_step,
            "drift": self.drift,
            "spares": list(self.spares),
            "failures": self.failures,
            "failed_at": self.failed_at.isoformat() if self.failed_at else "",
        }

    @classmethod
    def of_value(cls, value: Mapping[str, Any]) -> SecondFactor:
        """Read what `as_value` returned."""
        at = value["failed_at"]
        return cls(
            *(value["secret"], value["last_step"], value["drift"], tuple(value["spares"]), value["failures"]),
            datetime.fromisoformat(at) if at else None,
        )


def begun(
    secret: str, typed: str, now: datetime, spares: tuple[str, ...], code_at: Callable[[int], str]
) -> SecondFactor | None:
    """Return what is kept once the first code of a new secret was typed back; None for a wrong one."""
    here = int(now.timestamp()) // STEP_S
    # The nearest first: a code that could be of two moments is of the nearer one.
    near_first = sorted(range(here - _FAR, here + _FAR + 1), key=lambda step: abs(step - here))
    step = _step_of(spelled(typed), near_first, 0, code_at)
    return SecondFactor(secret, step, step - here, tuple(map(digest_of, spares))) if step else None


def spelled(typed: str) -> str:
    """Return a code without the blanks and dashes of screen and paper."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def digest_of(code: str) -> str:
    """Return what is kept of a spare code."""
    return sha256(spelled(code).encode()).hexdigest()


def _around(*steps: int) -> list[int]:
    return [step + by for step in dict.fromkeys(steps) for by in range(-_NEAR, _NEAR + 1)]


def _step_of(code: str, steps: list[int], after: int, code_at: Callable[[int], str]) -> int:
    """Return the step whose code this is, 0 for none."""
    return next((step for step in steps if step > max(0, after) and code_at(step) == code), 0)
