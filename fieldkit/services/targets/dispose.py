"""The disposisi of the head of the dinas."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission, Role
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.targets.requests import Disposisi, Harapan, Sifat, SuratPermohonan
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.unit_of_work import UnitsOfWork


class Dispose:
    """Writes and finds disposisi."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def dispose(
        self, request_id: str, sifat: Sifat, forwarded_to: Sequence[Role], harapan: Sequence[Harapan], note: str = ""
    ) -> Disposisi:
        """Keep what was decided about a request; a second disposisi of it takes the place of the first.

        Raise `InputError("dispose.no_role")`, `RuleError("role.not_yours")`.
        """
        if not forwarded_to:
            raise InputError("dispose.no_role")
        with self._units.write(Permission.DISPOSE) as work:
            request = work.unit.repository(SuratPermohonan).get(request_id)
            repository = work.unit.repository(Disposisi)
            earlier = next((d for d in repository.of(request.activity_id) if d.request_id == request_id), None)
            disposisi = Disposisi(
                thing_id=earlier.thing_id if earlier else work.ids.new(),
                activity_id=request.activity_id,
                request_id=request_id,
                sifat=sifat,
                forwarded_to=tuple(dict.fromkeys(forwarded_to)),
                harapan=tuple(dict.fromkeys(harapan)),
                note=note.strip(),
                disposed_by=work.user.user_id,
                disposed_at=work.at,
            )
            work.keep(
                disposisi, "disposed" if earlier is None else "disposed_again", to=[role.value for role in forwarded_to]
            )
            fulfil(work, request.activity_id, Fulfilment.DISPOSED, disposisi.thing_id)
            return disposisi

    def of(self, request_id: str) -> Disposisi | None:
        """Return the disposisi of a request, None while there is none."""
        with self._units.read() as unit:
            request = unit.repository(SuratPermohonan).get(request_id)
            found = unit.repository(Disposisi).of(request.activity_id)
            return next((d for d in found if d.request_id == request_id), None)
