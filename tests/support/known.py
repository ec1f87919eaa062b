"""What is known of an activity, without a store: everything there is, and nothing at all."""

from __future__ import annotations

from dataclasses import replace

from support.app_context import ACTIVITY, TARGETS
from support.letters import HEAD, KADIS, KASI, MONDAY, PLAN, REQUEST, TEAM
from support.sops import SMALL

from fieldkit.domain.documents import Document
from fieldkit.domain.letters.letter import Letterhead
from fieldkit.domain.sop.profile import SopDocument
from fieldkit.services.letters.fields import Known

LAWS = ("UU Nomor 24 Tahun 2013;", "Permendagri Nomor 109 Tahun 2019.")
WITH_LAW = replace(
    SMALL,
    document=SopDocument(laws=LAWS),
    service="penerbitan KIA",
    gives=(Document.KIA, Document.KK),
    requirements=("KK asli",),
)
NOTHING = Known(Letterhead("Dinas Uji", "Kabupaten Uji", city="Blitar"), KASI, MONDAY)
EVERYTHING = replace(
    NOTHING,
    activity=ACTIVITY,
    request=REQUEST,
    plan=PLAN,
    team=TEAM,
    head=HEAD,
    mine=TEAM[1],
    chief=KADIS,
    targets=TARGETS,
    sop=WITH_LAW,
)
