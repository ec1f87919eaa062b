"""Who works with the kit. Roles with an account; outsiders have none and their acts are recorded by staff."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

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
