"""Who works with the kit. Roles with an account; outsiders have none and their acts are recorded by staff."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, ClassVar

from fieldkit.domain.errors import InputError


class Role(StrEnum):
    """The accounts of a dinas, by their official nouns."""

    PETUGAS_PEREKAMAN = "petugas_perekaman"
    KETUA_TIM = "ketua_tim"
    PENGURUS_BARANG = "pengurus_barang"
    LOKET = "loket"
    KASI = "kasi"
    KABID = "kabid"
    KEPALA_DINAS = "kepala_dinas"
    OPERATOR_CETAK = "operator_cetak"
    ADMIN_DINAS = "admin_dinas"


class Permission(StrEnum):
    """What an account may be allowed to do."""

    RECORD = "record"
    ALLOW_FAILURE = "allow_failure"
    SEND = "send"
    READ_STATUS = "read_status"
    ADD_USERS = "add_users"
    REGISTER = "register"  # write down the acts of people without an account: requests, lists, receipts
    VERIFY_TARGETS = "verify_targets"
    DISPOSE = "dispose"
    PLAN = "plan"
    APPROVE = "approve"
    DIRECT = "direct"
    WRITE_LETTERS = "write_letters"
    SIGN = "sign"
    CHECK_SARPRAS = "check_sarpras"  # take out and bring back
    ALLOW_SARPRAS = "allow_sarpras"  # the permission of the pengurus barang
    KEEP_INVENTORY = "keep_inventory"
    VISIT = "visit"
    TYPE_STATUS = "type_status"  # from SIAK
    PRINT_CARDS = "print_cards"  # note that the official application printed
    HAND_OVER = "hand_over"
    SERVE_KK = "serve_kk"
    FOLLOW_UP_AID = "follow_up_aid"
    EVALUATE_AID = "evaluate_aid"  # judge what the proposals brought
    EVALUATE = "evaluate"  # say what an activity taught
    READ_REPORTS = "read_reports"
    SKIP_STEPS = "skip_steps"  # skip, repeat or do another role's step, with a reason that the log keeps
    FOLLOW_SOP = "follow_sop"  # do the steps that the SOP gives to the account, and no others
    KEEP_PROFILE = "keep_profile"  # roles per step, letters, calendar


_P = Permission
_EVERYBODY = frozenset({_P.READ_STATUS, _P.READ_REPORTS, _P.FOLLOW_SOP})
_FOLLOW = frozenset({_P.FOLLOW_UP_AID, _P.EVALUATE})
_FIELD = _FOLLOW | {_P.RECORD, _P.SEND, _P.REGISTER, _P.VERIFY_TARGETS, _P.WRITE_LETTERS, _P.CHECK_SARPRAS, _P.VISIT}
_JUDGE = frozenset({_P.EVALUATE_AID, _P.EVALUATE})
_OFFICE = _FOLLOW | _JUDGE | {_P.REGISTER, _P.VERIFY_TARGETS, _P.PLAN, _P.WRITE_LETTERS, _P.TYPE_STATUS}

# The one table: what each role may do, besides reading.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PETUGAS_PEREKAMAN: _EVERYBODY | _FIELD | {_P.HAND_OVER, _P.SERVE_KK},
    Role.KETUA_TIM: _EVERYBODY | _FIELD | {_P.ALLOW_FAILURE, _P.SKIP_STEPS, _P.HAND_OVER, _P.SERVE_KK},
    Role.PENGURUS_BARANG: _EVERYBODY | {_P.ALLOW_SARPRAS, _P.KEEP_INVENTORY, _P.CHECK_SARPRAS},
    Role.LOKET: _EVERYBODY | {_P.REGISTER, _P.WRITE_LETTERS, _P.TYPE_STATUS, _P.HAND_OVER, _P.SERVE_KK},
    Role.KASI: _EVERYBODY | _OFFICE | {_P.SEND, _P.APPROVE, _P.SERVE_KK, _P.HAND_OVER, _P.SKIP_STEPS},
    Role.KABID: _EVERYBODY | _OFFICE | {_P.APPROVE, _P.SERVE_KK, _P.SKIP_STEPS},
    Role.KEPALA_DINAS: _EVERYBODY
    | _JUDGE
    | {_P.DISPOSE, _P.APPROVE, _P.DIRECT, _P.SIGN, _P.SERVE_KK, _P.SKIP_STEPS}
    | {_P.SEND},  # fetches what waits for the signature and sends it back
    Role.OPERATOR_CETAK: _EVERYBODY
    | {_P.REGISTER, _P.PRINT_CARDS, _P.TYPE_STATUS, _P.HAND_OVER, _P.SERVE_KK, _P.WRITE_LETTERS},
    Role.ADMIN_DINAS: _EVERYBODY | {_P.SEND, _P.ADD_USERS, _P.REGISTER, _P.KEEP_PROFILE, _P.KEEP_INVENTORY},
}


@dataclass(frozen=True, slots=True)
class User:
    """An account on this kit."""

    user_id: str
    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Return whether the role allows it."""
        return permission in PERMISSIONS[self.role]


LONGEST_NAME = 120  # letters; what the data center takes


def checked_id(text: str) -> str:
    """Return a user id. Raise `InputError` `cli.user_id_form`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,31}", text):
        raise InputError("cli.user_id_form", text=text).at("user_id")
    return text


def checked_name(text: str) -> str:
    """Return a user's name without surplus blanks. Raise `InputError` `account.no_name`, `account.name_form`."""
    name = " ".join(text.split())
    if not name:
        raise InputError("account.no_name").at("name")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InputError("account.name_form", most=LONGEST_NAME).at("name")
    return name


# The second factor of a sign-in: six digits of an authenticator (TOTP, RFC 6238), or a spare code on paper.

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


# The enrolment slip of the office: address, one-time code and the fingerprint of the CA, and whom it is for.

# Compiled when a slip is read: each start of the program passes here.
_URL = r"https://[^\s\"',;]+"
_CODE = r"(?<![\w-])[A-Z2-7]{4}(?:-[A-Z2-7]{4}){4}(?![\w-])"
# SHA-256 in hex, whole or in pairs between colons; one in other groups is typed into its own field.
_FINGERPRINT = r"(?<![\w:])(?:(?:[0-9A-F]{2}:){31}[0-9A-F]{2}|[0-9A-F]{64})(?![\w:])"
_KIT = r"\b(?:kit|laptop)\"?\s*[=:]\s*\"?([A-Za-z0-9][A-Za-z0-9._-]*)"
_ADMIN = r"\badmin\"?\s*[=:]\s*\"?([a-z0-9][a-z0-9._-]*)"


@dataclass(frozen=True, slots=True)
class Slip:
    """What the slip says; older ones do not name kit and admin."""

    url: str
    code: str
    ca_fingerprint: str
    kit: str = ""
    admin: str = ""

    @property
    def is_whole(self) -> bool:
        """Return whether a kit can be enrolled with it."""
        return bool(self.url and self.code and self.ca_fingerprint)

    @property
    def line(self) -> str:
        """Return the slip in one line: what its QR code holds, and what can be pasted."""
        whom = (f" kit={self.kit}" if self.kit else "") + (f" admin={self.admin}" if self.admin else "")
        return f"{self.url} {self.code} {self.ca_fingerprint}{whom}"


NO_SLIP = Slip("", "", "")


def slip_in(text: str) -> Slip:
    """Return what a text holds of a slip, however it is laid out: one line, as printed, JSON. What is missing is ""."""
    return Slip(
        *(
            "".join(found.group() for found in (_found(pattern, text),) if found)
            for pattern in (_URL, _CODE, _FINGERPRINT)
        ),
        *("".join(found.group(1) for found in (_found(pattern, text),) if found) for pattern in (_KIT, _ADMIN)),
    )


def _found(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.IGNORECASE)


# The people of the dinas as papers name them: NIP, pangkat, jabatan. Not everybody of them has an account.

NIP_DIGITS = 18  # Perka BKN 22/2007


class Kedudukan(StrEnum):
    """What somebody is for the papers of the dinas; their jabatan is only printed."""

    KEPALA_DINAS = "kepala_dinas"  # signs for the dinas, also as acting head (Plt., Plh.)
    LAIN = "lain"


@dataclass(frozen=True, slots=True)
class Staff:
    """A person whom a surat tugas may name. `user_id` is the account on this kit, "" without one."""

    KIND: ClassVar[str] = "staff"

    thing_id: str
    name: str
    nip: str = ""
    pangkat: str = ""  # with golongan, as printed: "Penata Tingkat I (III/d)"
    jabatan: str = ""
    user_id: str = ""
    activity_id: str = ""
    kedudukan: Kedudukan | None = None  # None: written by a program that read it off the jabatan
    qualifications: tuple[str, ...] = ()  # kualifikasi pelaksana, in the words of the SOPs

    @property
    def words(self) -> str:
        """Name, NIP and jabatan."""
        return f"{self.name} {self.nip} {self.jabatan}"


def qualified(crew: Iterable[Staff], words: str) -> tuple[Staff, ...]:
    """Return who has a qualification; capitals and blanks do not count."""
    wanted = _plain(words)
    return tuple(person for person in crew if wanted in map(_plain, person.qualifications))


def nobody_has(wanted: Sequence[str], crew: Sequence[Staff]) -> tuple[str, ...]:
    """Return the qualifications that nobody of a crew has; nothing is asked of a crew that is not chosen yet."""
    return tuple(words for words in wanted if not qualified(crew, words)) if crew else ()


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())
