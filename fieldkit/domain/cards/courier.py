"""The way of a document with a courier (Becak Pintar, SOP-DKC.IP-22), from its registration to the door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from fieldkit.domain.cards.registrations import read_registration
from fieldkit.domain.errors import RuleError

MOST_ATTEMPTS = 2


class CourierState(StrEnum):
    """How far it is."""

    TERDAFTAR = "terdaftar"
    DIPERIKSA = "diperiksa"
    PERLU_DILENGKAPI = "perlu_dilengkapi"
    DISETUJUI = "disetujui"
    TTE = "tte"
    TERCETAK = "tercetak"
    SIAP_DIAMBIL_KURIR = "siap_diambil_kurir"
    DISERAHKAN_KE_KURIR = "diserahkan_ke_kurir"
    DIANTAR = "diantar"
    DITERIMA = "diterima"
    DIKEMBALIKAN = "dikembalikan"


_S = CourierState
NEXT: dict[CourierState, frozenset[CourierState]] = {
    _S.TERDAFTAR: frozenset({_S.DIPERIKSA}),
    _S.DIPERIKSA: frozenset({_S.PERLU_DILENGKAPI, _S.DISETUJUI}),
    _S.PERLU_DILENGKAPI: frozenset({_S.DIPERIKSA}),
    _S.DISETUJUI: frozenset({_S.TTE}),
    _S.TTE: frozenset({_S.TERCETAK}),
    _S.TERCETAK: frozenset({_S.SIAP_DIAMBIL_KURIR}),
    _S.SIAP_DIAMBIL_KURIR: frozenset({_S.DISERAHKAN_KE_KURIR}),
    _S.DISERAHKAN_KE_KURIR: frozenset({_S.DIANTAR, _S.DIKEMBALIKAN}),
    _S.DIANTAR: frozenset({_S.DIANTAR, _S.DITERIMA, _S.DIKEMBALIKAN}),
    _S.DITERIMA: frozenset(),
    _S.DIKEMBALIKAN: frozenset({_S.SIAP_DIAMBIL_KURIR}),  # sent out once more, with two new attempts
}


class CourierStep(StrEnum):
    """What comes next for a document that a courier may bring."""

    READY = "ready"
    GIVE = "give"
    WENT = "went"
    DELIVER = "deliver"


_STEPS = {
    None: CourierStep.READY,
    _S.DIKEMBALIKAN: CourierStep.READY,
    _S.SIAP_DIAMBIL_KURIR: CourierStep.GIVE,
    _S.DISERAHKAN_KE_KURIR: CourierStep.WENT,
    _S.DIANTAR: CourierStep.DELIVER,
}


def step_after(states: Iterable[CourierState | None]) -> CourierStep | None:
    """Return what comes next for documents, None where it is not the same for all or nothing does.

    A document without a state was not meant for a courier yet.
    """
    steps = {_STEPS.get(state) for state in states}
    return steps.pop() if len(steps) == 1 else None


def follow(state: CourierState, to: CourierState, attempts: int = 0) -> CourierState:
    """Return `to`. Raise `RuleError("courier.not_now")`, after two attempts `RuleError("courier.two_attempts")`."""
    if to not in NEXT[state]:
        raise RuleError("courier.not_now", state=state.value, to=to.value)
    if to is CourierState.DIANTAR and attempts >= MOST_ATTEMPTS:
        raise RuleError("courier.two_attempts", most=MOST_ATTEMPTS)
    return to


def courier_message(dinas: str, registrations: Sequence[str]) -> str:
    """Return what is written to the group of couriers: how many documents wait, and their registration numbers.

    The group is read by outsiders: no name, no NIK, no village, no category. Raise `InputError` for a number that
    looks like a NIK, wherever it came from.
    """
    lines = [f"{place}. {read_registration(number)}" for place, number in enumerate(registrations, 1)]
    head = f"{dinas}: {len(registrations)} dokumen siap diambil."
    return "\n".join((head, *lines, "Gratis, tidak dipungut biaya. Mohon bawa tanda terima."))
