"""Takes a target list of the office: its activity, and everybody on it who is not there yet.

The ids follow from gateway, list and NIK, so that laptops which got the same list mean the same people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from uuid import NAMESPACE_URL, UUID, uuid5

from fieldkit.domain.errors import InputError
from fieldkit.domain.office_bundles import OfficeBundle
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, Target
from fieldkit.domain.targets.columns import check_layout, guess_layout
from fieldkit.domain.targets.sheets import TargetDraft, TargetList
from fieldkit.ports.repositories import Attachment
from fieldkit.ports.store import Unit
from fieldkit.ports.target_lists import TargetSheets
from fieldkit.services.targets.import_targets import media_type_of, notes_of
from fieldkit.services.targets.read_target_rows import ListContext, read_rows


@dataclass(frozen=True, slots=True)
class SentList:
    """A list as it came: the activity in words, and the file."""

    name: str
    place: str
    on: date
    mode: ModePerekaman
    file: str
    content: bytes


def read_list(sent: SentList, sheets: TargetSheets, is_known_region: Callable[[str], bool]) -> TargetDraft:
    """Return the rows of a list. Raise `InputError`: no list, a column that is missing, `office.nobody_on_list`."""
    read = sheets.read(sent.file, sent.content)
    layout = guess_layout(read)
    check_layout(layout)
    draft = read_rows(read[layout.sheet], layout, ListContext(sent.on, is_known_region))
    if not draft.accepted:
        raise InputError("office.nobody_on_list", refused=len(draft.refused))
    return draft


def take_list(unit: Unit, bundle: OfficeBundle, sent: SentList, draft: TargetDraft) -> None:
    """Keep the activity and whom it does not have yet; what was recorded or noted of the others stays."""
    of_list = uuid5(NAMESPACE_URL, f"fieldkit:{bundle.gateway}:{bundle.name}")
    activity_id = str(of_list)
    known = {activity.activity_id: activity for activity in unit.activities.all()}.get(activity_id)
    activity = known or Activity(activity_id, sent.name, sent.place, sent.on, sent.mode, "", "")
    unit.activities.save(replace(activity, name=sent.name, place=sent.place, on=sent.on, mode=sent.mode))
    here = {
        key.nik
        for key in unit.targets.with_niks(row.biodata.nik.digits for row in draft.accepted)
        if key.activity_id == activity_id
    }
    fresh = [row for row in draft.accepted if row.biodata.nik.digits not in here]
    first = unit.targets.last_house(activity_id) + 1
    unit.targets.save(
        Target(target_id_of(of_list, row.biodata.nik.digits), activity_id, first + place, row.biodata, row.category)
        for place, row in enumerate(fresh)
    )
    for row in fresh:
        if (notes := notes_of(row, target_id_of(of_list, row.biodata.nik.digits), activity_id)) is not None:
            unit.repository(type(notes)).save(notes)
    list_id = str(uuid5(of_list, f"list {bundle.version}"))
    unit.repository(TargetList).save(
        TargetList(
            thing_id=list_id,
            activity_id=activity_id,
            name=sent.file,
            imported_at=bundle.made_at,
            header=draft.layout.header,
            accepted=len(fresh),
            refused=draft.refused,
        )
    )
    kept = (str(uuid5(of_list, f"file {bundle.version}")), list_id, sent.file, media_type_of(sent.content))
    unit.attachments.put(Attachment(*kept, sent.content, sha256(sent.content).hexdigest(), bundle.made_at))


def target_id_of(of_list: UUID, nik: str) -> str:
    """Return the id of a person on a list."""
    return str(uuid5(of_list, nik))
