from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, PETUGAS, Kit
from support.clock import NOW
from support.plans import ADMIN

from fieldkit.domain.delivery import AnchorSource, AuditFault, AuditReport, Loss, Proven
from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.letters.letter import SigningWay
from fieldkit.domain.office_bundles import BundleKind, BundleStanding
from fieldkit.domain.people import Role
from fieldkit.domain.sop.profile import StepRoles
from fieldkit.ports.laptop import Finding
from fieldkit.ports.repositories import Account
from fieldkit.services.letters.keep_signing import SigningOverview
from fieldkit.services.people.keep_accounts import KitFacts, Standing
from ui.presenters.parts import Tone
from ui.presenters.presenter import Message, message
from ui.presenters.settings.kit import DOES, RECORDS, KitSection, LaptopSection, SopActorsSection
from ui.presenters.settings.settings import AccountsSection, SecondFactorSection
from ui.presenters.settings.signing import CertificateSection, SettingField, SignersSection, SigningServiceSection


def key(words: Message) -> str:
    return getattr(words, "key", str(words))


def by_name(fields: tuple[SettingField, ...]) -> dict[str, SettingField]:
    return {field.name: field for field in fields}


@pytest.mark.parametrize(
    ("standing", "words", "screen"),
    [
        (Standing(False, 0, False, False), ["factor.off", "factor.own_choice"], "second_factor"),
        (Standing(True, 8, False, False), ["common.set_up", "8", "factor.own_choice"], "second_factor_change"),
        (Standing(True, 0, True, False), ["common.set_up", "0", "factor.advised"], "second_factor_change"),
        (Standing(False, 0, True, True), ["factor.off", "factor.wanted_by_office"], "second_factor"),
        (Standing(False, 0, False, True), ["factor.off", "factor.wanted_by_office"], "second_factor"),
    ],
)
def test_the_own_second_factor_says_who_wants_it(idle: Kit, standing: Standing, words: list[str], screen: str) -> None:
    section = SecondFactorSection(idle.context)
    section.take(standing)
    assert [key(said) for _, said in section.fields()[0].facts] == words
    assert section.screen == screen


def test_an_account_is_new_before_it_is_disabled(idle: Kit) -> None:
    section = AccountsSection(idle.context)
    section.take(
        (Account(PETUGAS, False), Account(KETUA, True), Account(PENGURUS, False, True), Account(PETUGAS, True, True))
    )
    tags = [key(line.tag.words) if line.tag else "" for line in section.fields()[0].lines]
    assert tags == ["", "common.disabled", "pengguna.is_new", "pengguna.is_new"]


FACTS = KitFacts("KIT-07", "Dinas", None)
FINE = AuditReport(12, None, ())
FAULTS = (AuditFault("changed", "t1", "audit.changed"), AuditFault("gone", "t2", "audit.gone"))
PROVEN = Proven("c1", 9, next(iter(AnchorSource)), NOW)
LOST = Loss("c1", 3, 5, NOW, "u1")


def told(kit: Kit, facts: KitFacts = FACTS, audit: AuditReport = FINE, *came: BundleStanding) -> dict[str, Message]:
    section = KitSection(kit.context)
    section.take((facts, audit, came))
    return {key(label): said for label, said in section.fields()[0].facts}


def test_the_kit_tells_how_long_it_keeps_and_what_the_check_found(idle: Kit) -> None:
    assert key(told(idle)["pengaturan.retention"]) == "pengaturan.retention_ever"
    assert told(idle, replace(FACTS, retention_days=0))["pengaturan.retention"] == message(
        "pengaturan.retention_days", count=0
    )
    assert "audit.lost" not in told(idle)
    wrong = told(idle, FACTS, AuditReport(12, PROVEN, FAULTS, (LOST,)))
    assert wrong["audit.checked"] == message("audit.not_ok", count=2, which="changed t1")
    assert key(wrong["audit.proven"]) == "audit.proven_short"
    assert key(wrong["audit.lost"]) == "audit.lost_rows"


def test_of_what_came_from_the_office_the_latest_stand_there(idle: Kit) -> None:
    kinds = list(BundleKind)
    came = [BundleStanding(kinds[0], f"n{at}", at, NOW, NOW) for at in range(1, 9)]
    section = KitSection(idle.context)
    section.take((FACTS, FINE, tuple(came)))
    facts = [(label, said) for label, said in section.fields()[0].facts if key(label).startswith("kirim.office")]
    assert [label.params["version"] for label, _ in facts] == [3, 4, 5, 6, 7, 8]  # type: ignore[union-attr]
    waiting = replace(came[0], applied_at=None)
    at, refused = (list(told(idle, FACTS, FINE, each).values())[-1] for each in (waiting, replace(waiting, refused=2)))
    assert at == message("kirim.office_at", at="")
    assert refused == message("pengaturan.office_refused", version=2)


BAD, LOOK, GOOD = (
    Finding("store_file", Problem("doctor.store_damaged")),
    Finding("clock", Problem("doctor.clock_off", {"off": "-400.0 s"}), is_needed=False),
    Finding("disk", None, "77.2 GB"),
)
UNCHECKED = Finding("swap", is_needed=False, is_checked=False)


@pytest.mark.parametrize(
    ("found", "cursor", "name", "note", "problem"),
    [
        ((BAD, LOOK, GOOD), "", "doctor.store_file", "", BAD.problem),
        ((BAD, LOOK, GOOD), "x", "doctor.store_file", "", BAD.problem),
        ((BAD, LOOK, GOOD), "1", "doctor.clock", "", LOOK.problem),
        ((BAD, LOOK, GOOD), "2", "doctor.disk", "77.2 GB", None),
        ((BAD, LOOK, GOOD), "7", "", "pengaturan.finding_fine", None),
        ((replace(GOOD, detail=""),), "0", "doctor.disk", "pengaturan.finding_fine", None),
        ((LOOK, UNCHECKED, GOOD), "1", "doctor.swap", "pengaturan.finding_unchecked_note", None),
        ((), "", "", "pengaturan.finding_fine", None),
    ],
)
def test_the_remedy_is_of_the_line_under_the_cursor(
    idle: Kit, found: tuple[Finding, ...], cursor: str, name: str, note: str, problem: Problem | None
) -> None:
    section = LaptopSection(idle.context)
    section.take(found)
    section.point("findings", cursor)
    fields = by_name(section.fields())
    remedy = fields["remedy"]
    assert (key(remedy.label), key(remedy.note), remedy.problem) == (name, note, problem)
    tones = {"store_file": Tone.BAD, "clock": Tone.CAUTION, "disk": Tone.GOOD, "swap": Tone.NEUTRAL}
    assert [line.tag.tone for line in fields["findings"].lines if line.tag] == [tones[each.name] for each in found]
    faults = sum(each.problem is not None for each in found)
    count = message("common.to_look_at", count=faults) if faults else message("pengaturan.no_findings")
    assert fields["findings"].label == count


NOTHING = SigningOverview(SigningWay.OFFICE, "", "", False, False, False, False, ())
ALL = replace(NOTHING, has_secret=True, has_ca=True, has_trust=True, has_certificate=True)


@pytest.mark.parametrize(("kept", "there"), [(NOTHING, "missing"), (ALL, "there")])
def test_what_is_kept_of_files_and_secrets_is_only_told(idle: Kit, kept: SigningOverview, there: str) -> None:
    notes = {}
    for section in (SigningServiceSection(idle.context), CertificateSection(idle.context)):
        section.take(kept)
        notes |= {name: key(field.note) for name, field in by_name(section.fields()).items() if field.note}
    names = ("secret", "ca", "certificate", "trust")
    assert [notes[name] for name in names] == [f"pengaturan.{name}_{there}" for name in names]
    service = SigningServiceSection(idle.context)
    service.take(kept)
    state = "pengaturan.ready" if kept is ALL else "pengaturan.not_ready"
    assert by_name(service.fields())["way"].facts[1][1] == message(state)


def test_the_nik_of_the_signer_under_the_cursor_is_typed(idle: Kit) -> None:
    section = SignersSection(idle.context)
    section.take(replace(NOTHING, signers=((PETUGAS, ""), (KETUA, "350501••••••••01"))))
    section.type("note", "x")
    assert section.typed == {}
    section.point("signers", "nobody")
    assert by_name(section.fields())["nik"].label == message("pengaturan.nik", name=PETUGAS.name)
    section.point("signers", KETUA.user_id)
    section.type("nik", "3505")
    fields = by_name(section.fields())
    assert (fields["nik"].label, fields["nik"].text) == (message("pengaturan.nik", name=KETUA.name), "3505")
    assert fields["nik"].note == message("pengaturan.nik_note")
    assert [bool(line.tag) for line in fields["signers"].lines] == [False, True]
    assert [line.detail for line in fields["signers"].lines] == [message("pengaturan.nik_missing"), "350501••••••••01"]


SOP = "blitar_si_jaran_ijo"


@pytest.fixture
def actors(tmp_path: Path) -> Iterator[SopActorsSection]:
    """The steps of an SOP, of which one is of the kasi and one is recorded at the counter."""
    with Kit(tmp_path, ADMIN) as kit:
        kit.context.office.sop.set_actors(SOP, StepRoles(1, (Role.KASI,)))
        kit.context.office.sop.set_actors(SOP, StepRoles(2, (), (Role.LOKET,)))
        section = SopActorsSection(kit.context)
        section.take(section.read())
        section.point("sops", SOP)
        yield section


def ticked(section: SopActorsSection, name: str) -> list[str]:
    return [line.name for line in by_name(section.fields())[name].lines if line.is_on]


@pytest.mark.parametrize(
    ("cursor", "part", "roles"),
    [("", DOES, ["kasi"]), ("2", RECORDS, ["loket"]), ("99", DOES, ["kasi"]), ("x", DOES, ["kasi"])],
)
def test_a_step_shows_whose_it_is(actors: SopActorsSection, cursor: str, part: str, roles: list[str]) -> None:
    actors.point("steps", cursor)
    assert (actors.sop_id, ticked(actors, "part"), ticked(actors, "roles")) == (SOP, [part], roles)


def test_steps_that_end_by_themselves_are_nobodys(actors: SopActorsSection) -> None:
    profiles, _given = actors.kept
    hidden = 0
    for sop_id, profile in profiles.items():
        actors.point("sops", sop_id)
        shown = [int(line.name) for line in by_name(actors.fields())["steps"].lines]
        assert shown == [step.no for step in profile.steps if not step.ends_itself]
        hidden += len(profile.steps) - len(shown)
    assert hidden
    actors.point("sops", "unknown")
    assert actors.sop_id == next(iter(profiles))


@pytest.mark.parametrize(
    ("name", "line", "part", "roles"),
    [
        ("part", RECORDS, [RECORDS], ["kasi"]),
        ("part", "x", [DOES], ["kasi"]),
        ("roles", "loket", [DOES], ["kasi", "loket"]),
        ("roles", "kasi", [DOES], []),
        ("roles", "x", [DOES], ["kasi"]),
        ("other", RECORDS, [DOES], ["kasi"]),
        ("other", "loket", [DOES], ["kasi"]),
    ],
)
def test_a_tick_gives_a_step_to_others(
    actors: SopActorsSection, name: str, line: str, part: list[str], roles: list[str]
) -> None:
    actors.tick(name, line)
    assert (ticked(actors, "part"), sorted(ticked(actors, "roles"))) == (part, roles)
    tags = [line.tag for line in by_name(actors.fields())["steps"].lines]
    assert tags[0] is not None
    assert tags[0].words == message("pengaturan.edited" if roles else "pengaturan.nobody")
    assert "pengaturan.edited" not in [key(tag.words) for tag in tags[1:] if tag]
    if not roles:
        with pytest.raises(InputError, match=r"sop\.nobody"):
            actors.keep()
