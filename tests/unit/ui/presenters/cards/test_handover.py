from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.applied import RECEIPT
from support.cards import Tray
from support.cards_sent import taken
from support.counter_office import page_photo
from support.handed import distributed, put_at_dinas
from support.letters import office
from support.recording import ScriptedDevice
from support.recording_window import jpeg
from support.tasks import SameThread, Steps

from drivers.simulators.sam import SamCard
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import KtpElCard
from fieldkit.domain.cards.card import CardCase, CourierRun, CourierState, Document, MarkKind, Place, Printed
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.ports.devices import DeviceKind, NotConnectedError
from fieldkit.services.recording.run_session import CardSeen, CheckCard
from ui.presenters.cards.handover import HandoverPresenter, Phase, Sinks, door_photo, propose, received
from ui.presenters.form import FormField, texts_of
from ui.presenters.parts import Stage, Tone
from ui.presenters.presenter import message


class Sink:
    def offer_signature(self, signature: object) -> None: ...

    def offer(self, frame: bytes) -> None: ...


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KETUA)
    distributed(kit)
    kit.devices.there = {DeviceKind.SIGNATURE_PAD: ScriptedDevice(DeviceKind.SIGNATURE_PAD)}
    yield kit
    kit.store.close()


def opened(kit: Kit, *cards: str, to: str = "", steps: Steps | None = None) -> HandoverPresenter:
    presenter = HandoverPresenter(kit.context, SameThread(), steps or Steps(), cards, to, Sinks(Sink(), Sink()))
    presenter.start()
    return presenter


def press(presenter: HandoverPresenter, name: str) -> None:
    presenter.perform(next(each for each in presenter.state.bar.actions if each.name == name))


def filled(presenter: HandoverPresenter) -> dict[str, str]:
    return {field.name: field.text for field in presenter.state.fields}


def test_the_owner_signs_for_the_own_card(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, "card-005", steps=steps)
    proposed = {"to": "person", "receiver": "WARSITO", "relation": "diri sendiri", "proof": "", "old_card": "no"}
    assert filled(presenter) == proposed
    presenter.type("proof", "KK")
    presenter.accept()
    assert (presenter.state.phase, presenter.state.mark.ink is not None) == (Phase.SIGN, True)
    presenter.accept()
    assert presenter.state.phase is Phase.DONE
    receipt = kit.context.office.handover.get("card-005").receipt
    assert (receipt.receiver, receipt.proof, receipt.mark) == ("WARSITO", "KK", MarkKind.SIGNATURE)
    assert kit.context.office.handover.mark(receipt).content.startswith(b"\x89PNG")
    press(presenter, "print_paper")
    assert steps.taken[-1][:2] == ("push", "letter")
    presenter.accept()
    assert steps.taken[-1] == ("back",)


def test_an_official_signs_for_a_batch_once(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, "card-005", "card-006", steps=steps)
    assert filled(presenter)["to"] == "desa"
    presenter.accept()
    assert presenter.state.problem.code == "card.no_receiver"
    presenter.type("receiver", "Suyatno")
    presenter.accept()
    assert presenter.state.problem.code == "card.no_relation"
    presenter.type("relation", "Kepala Desa")
    presenter.accept()
    presenter.accept()
    marks = {
        kit.context.office.handover.get(card).handings[-1].receipt.attachment_id for card in ("card-005", "card-006")
    }
    assert len(marks) == 1
    assert presenter.state.bar.actions[0].refused == message("distribusi.no_ba")
    press(presenter, "print_paper")
    assert steps.taken == []


def test_the_ba_proposes_who_takes_the_batch(kit: Kit, steps: Steps) -> None:
    letter = kit.context.office.handover.write_ba(["card-005", "card-006"], "Suyatno", "Kepala Desa", "Desa Jimbe")
    kit.context.office.letters.issue(letter.thing_id, "470/9/2026")
    presenter = opened(kit, "card-005", "card-006", steps=steps)
    assert filled(presenter) == {
        "to": "desa",
        "receiver": "Suyatno",
        "relation": "Kepala Desa",
        "proof": "470/9/2026",
    }
    presenter.choose("to", "kecamatan")
    presenter.accept()
    presenter.accept()
    assert kit.context.office.handover.get("card-006").place is Place.KECAMATAN
    press(presenter, "print_paper")
    assert steps.taken == [("push", "letter", letter.thing_id)]


def test_a_place_may_be_proposed(kit: Kit) -> None:
    assert filled(opened(kit, "card-005", to="kecamatan"))["to"] == "kecamatan"
    assert filled(opened(kit, "card-005", "card-006", to="person"))["to"] == "desa"


def test_a_kk_is_not_signed_for_before_a_ktp_el_was_shown(kit: Kit) -> None:
    presenter = opened(kit, "card-014")
    presenter.accept()
    assert (presenter.state.problem.code, presenter.state.phase) == ("card.show_ktp", Phase.WHO)
    presenter.choose("shows_ktp", "yes")
    presenter.accept()
    presenter.accept()
    assert kit.context.office.handover.get("card-014").receipt.shows_ktp


def test_the_courier_signs_first_then_the_receiver(kit: Kit) -> None:
    presenter = opened(kit, "card-011", to="courier")
    presenter.type("receiver", "Joko Kurir")
    presenter.accept()
    presenter.accept()
    card = kit.context.office.handover.get("card-011")
    assert (card.courier.state, card.courier.taken.receiver) == (CourierState.DISERAHKAN_KE_KURIR, "Joko Kurir")
    presenter = opened(kit, "card-012")
    presenter.accept()
    presenter.accept()
    card = kit.context.office.handover.get("card-012")
    assert (card.courier.state, card.place) == (CourierState.DITERIMA, Place.PERSON)


def test_at_the_door_the_couriers_name_place_and_photo_are_kept(kit: Kit, tmp_path: Path) -> None:
    photo = tmp_path / "pintu.jpg"
    photo.write_bytes(page_photo())
    presenter = opened(kit, "card-012")
    assert filled(presenter)["door"]
    for name, text in (("giver", "Joko Kurir"), ("door", "Jl. Melati 4"), ("photo", str(photo))):
        presenter.type(name, text)
    presenter.accept()
    presenter.accept()
    receipt = kit.context.office.handover.get("card-012").receipt
    assert (receipt.giver, receipt.place) == ("Joko Kurir", "Jl. Melati 4")
    with kit.store.read() as unit:
        assert unit.attachments.get(receipt.photo).content.startswith(b"\xff\xd8")
    assert (message("distribusi.door"), "Jl. Melati 4") in presenter.state.facts


def test_a_photo_that_is_not_there_keeps_nothing(kit: Kit, tmp_path: Path) -> None:
    presenter = opened(kit, "card-012")
    presenter.type("photo", str(tmp_path / "tidak ada.jpg"))
    presenter.accept()
    presenter.accept()
    assert presenter.state.problem is not None
    assert kit.context.office.handover.get("card-012").receipt is None


def test_back_goes_one_question_back(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit, "card-005", steps=steps)
    presenter.accept()
    press(presenter, "thumb")
    assert (presenter.state.phase, presenter.state.mark.kind) == (Phase.PICTURE, MarkKind.THUMB)
    presenter.back()
    assert (presenter.state.phase, presenter.state.mark.kind) == (Phase.SIGN, MarkKind.SIGNATURE)
    presenter.back()
    assert presenter.state.phase is Phase.WHO
    presenter.back()
    assert steps.taken == [("back",)]
    assert kit.context.office.handover.get("card-005").receipt is None


def test_a_scan_is_kept_as_it_is(kit: Kit, tmp_path: Path) -> None:
    scan = tmp_path / "terima.pdf"
    scan.write_bytes(b"%PDF-1.7")
    presenter = opened(kit, "card-005")
    presenter.accept()
    press(presenter, "scan")
    assert presenter.state.bar.actions[0].refused == message("distribusi.no_picture")
    presenter.type_path(str(scan))
    assert presenter.state.bar.actions[0].refused == ""
    presenter.accept()
    press(presenter, "repeat")
    assert presenter.state.mark.content == b""
    presenter.accept()
    presenter.accept()
    receipt = kit.context.office.handover.get("card-005").receipt
    assert (receipt.mark, kit.context.office.handover.mark(receipt).content) == (MarkKind.SCAN, b"%PDF-1.7")


@pytest.fixture
def tray(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Tray:
    tray = Tray()
    there = kit.devices.device_for
    monkeypatch.setattr(kit.devices, "device_for", lambda kind: tray if kind is DeviceKind.CARD_READER else there(kind))
    return tray


def test_the_card_is_read_and_belongs_to_one_person_only(kit: Kit, tray: Tray) -> None:
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    for card in ("card-005", "card-006"):
        presenter = opened(kit, card)
        press(presenter, "read_card")
        assert (presenter.state.card.title, presenter.state.card.tone) == (
            message("distribusi.card_is_ktp"),
            Tone.GOOD,
        )
        presenter.accept()
        presenter.accept()
    first, second = map(kit.context.office.handover.get, ("card-005", "card-006"))
    assert first.receipt.is_card_read
    assert second.receipt is None
    assert presenter.state.problem.code == "card.of_another"


def test_another_card_is_not_the_one(kit: Kit, tray: Tray) -> None:
    tray.chip = SamCard()
    presenter = opened(kit, "card-005")
    press(presenter, "read_card")
    assert presenter.state.card.tone is Tone.CAUTION
    presenter.accept()
    presenter.accept()
    receipt = kit.context.office.handover.get("card-005").receipt
    assert (receipt.is_card_read, receipt.card_uid) == (False, "")


def test_without_a_reader_the_card_is_handed_over_all_the_same(kit: Kit) -> None:
    presenter = opened(kit, "card-005")
    press(presenter, "read_card")
    assert (presenter.state.problem is not None, presenter.state.card) == (True, None)
    presenter.accept()
    presenter.accept()
    assert presenter.state.phase is Phase.DONE
    batch = opened(kit, "card-006", "card-007")
    assert [each.name for each in batch.state.bar.actions] == ["accept"]
    assert batch.state.card is None


def test_what_cannot_be_handed_over_says_so(kit: Kit) -> None:
    assert opened(kit, "card-004").state.stage is Stage.EMPTY
    assert opened(kit, "card-005", "card-012").state.stage is Stage.EMPTY
    assert opened(kit, "nowhere").state.stage is Stage.ERROR
    other = HandoverPresenter(kit.context_of(PENGURUS), SameThread(), Steps(), ["card-005"], "", Sinks(Sink(), Sink()))
    other.start()
    assert other.state.empty.title == message("distribusi.handover_not_yours")


def test_what_happened_meanwhile_is_said_and_nothing_is_doubled(kit: Kit) -> None:
    presenter = opened(kit, "card-005")
    presenter.accept()
    kit.context.office.handover.receive("card-005", taken("Siti"))
    presenter.accept()
    assert presenter.state.problem.code == "card.received_before"
    assert kit.context.office.handover.get("card-005").receipt.receiver == "Siti"


def test_leaving_and_coming_back_asks_for_the_signature_again(kit: Kit) -> None:
    pad = kit.devices.there.pop(DeviceKind.SIGNATURE_PAD)
    presenter = opened(kit, "card-005")
    presenter.accept()
    assert presenter.state.problem is not None
    presenter.stop()
    kit.devices.there[DeviceKind.SIGNATURE_PAD] = pad
    presenter.start()
    assert presenter.state.mark.ink is not None
    presenter.sign_here()


def test_who_takes_it_stands_there_again_and_the_signature_does_not(kit: Kit) -> None:
    presenter = opened(kit, "card-005")
    presenter.choose("to", "desa")
    presenter.type("receiver", "Pak Carik")
    presenter.stop()
    again = opened(kit, "card-005")
    assert (filled(again)["to"], filled(again)["receiver"]) == ("desa", "Pak Carik")
    assert again.state.restored
    assert again.state.phase is Phase.WHO
    again.throw_away()
    assert filled(again)["receiver"] != "Pak Carik"


def test_a_screen_that_comes_back_asks_only_for_a_mark_that_is_not_there(kit: Kit) -> None:
    presenter = opened(kit, "card-005")
    presenter.start()
    assert presenter.state.mark.content == b"", "nobody said yet who takes it"
    presenter.accept()
    signed = presenter.state.mark
    presenter.start()
    assert presenter.state.mark is signed
    press(presenter, "thumb")
    assert ([command.name for command in presenter.state.keyed], presenter.state.mark.is_live) == (["take"], False)
    camera = kit.devices.there[DeviceKind.CAMERA] = ScriptedDevice(DeviceKind.CAMERA)
    camera.frame = jpeg()
    presenter.start()
    assert presenter.state.mark.is_live
    presenter.back()
    presenter.accept()
    done = presenter.state
    presenter.start()
    assert (presenter.state, done.phase, done.keyed) == (done, Phase.DONE, ())
    assert [value for _, value in done.facts] == ["WARSITO", "diri sendiri", "–"]


def test_a_document_that_was_not_found_is_looked_for_again(kit: Kit) -> None:
    presenter = opened(kit, "card-020")
    put_at_dinas(kit, 20)
    presenter.start()
    assert presenter.state.stage is Stage.CONTENT


def test_what_is_typed_is_a_draft_only_while_it_is_asked(kit: Kit) -> None:
    presenter = HandoverPresenter(kit.context, SameThread(), Steps(), ["card-005"], "", Sinks(Sink(), Sink()))
    assert presenter.typed() == {}
    presenter.start()
    presenter.type("proof", "KK")
    presenter.choose("to", "person")  # as it was
    presenter.choose("receiver", "SITI")  # is typed, not chosen
    presenter.choose("old_card", "yes")
    assert presenter.typed() == {"to": "person", "proof": "KK", "old_card": "yes"}
    presenter.accept()
    presenter.accept()
    assert (presenter.state.phase, presenter.typed()) == (Phase.DONE, {})


def test_a_card_that_was_read_proves_nothing_of_who_takes_it_along(kit: Kit, tray: Tray) -> None:
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    presenter = opened(kit, "card-005")
    press(presenter, "read_card")
    presenter.choose("to", "desa")
    presenter.type("receiver", "Suyatno")
    presenter.type("relation", "Kepala Desa")
    presenter.accept()
    presenter.accept()
    receipt = kit.context.office.handover.get("card-005").handings[-1].receipt
    assert (receipt.receiver, receipt.is_card_read, receipt.card_uid) == ("Suyatno", False, "")


@pytest.mark.parametrize(("photo", "hint"), [(b"jpeg", "card_match"), (b"", "card_match_blind")])
def test_the_photo_of_a_card_is_shown_where_it_has_one(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, photo: bytes, hint: str
) -> None:
    monkeypatch.setattr(CheckCard, "read", lambda *_: CardSeen(True, "uid", photo))
    presenter = opened(kit, "card-005")
    press(presenter, "read_card")
    assert (presenter.state.card.photo, presenter.state.card.hint) == (photo or None, message(f"distribusi.{hint}"))
    assert [each.name for each in opened(kit, "card-014").state.bar.actions] == ["accept"], "a KK has no chip"


def test_the_screen_takes_a_signature_only_when_one_is_asked_for(kit: Kit) -> None:
    del kit.devices.there[DeviceKind.SIGNATURE_PAD]
    screen = ScriptedDevice(DeviceKind.SIGNATURE_PAD)
    presenter = HandoverPresenter(kit.context, SameThread(), Steps(), ["card-005"], "", Sinks(Sink(), Sink(), screen))
    presenter.start()
    presenter.sign_here()
    assert presenter.state.mark.content == b""
    screen.script = [NotConnectedError("device.none.signature_pad")]
    presenter.accept()
    assert presenter.state.bar.actions[-1].refused == message("distribusi.sign_first")
    presenter.sign_here()
    assert presenter.state.bar.actions[-1].refused == ""


AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def typed(fields: Sequence[FormField], name: str, text: str) -> tuple[FormField, ...]:
    return tuple(replace(field, text=text) if field.name == name else field for field in fields)


def card(place: Place, document: Document = Document.KTP_EL, application_id: str = "") -> CardCase:
    return CardCase(
        "c1", "a1", document, "R1", "WARSITO", "350512••••••••01", "Jimbe", (Printed(AT, "u1", "B1"),), place,
        application_id=application_id,
    )  # fmt: skip


def test_only_one_way_is_not_asked_for() -> None:
    assert [field.name for field in propose([card(Place.COURIER)], Place.PERSON, None)] == [
        "receiver",
        "relation",
        "proof",
        "giver",
        "door",
        "photo",
        "old_card",
    ]
    assert [field.name for field in propose([card(Place.DINAS)], Place.PERSON, None)][-2:] == ["proof", "old_card"]
    assert propose([card(Place.DINAS)], Place.DESA, None)[-1].name == "proof"
    assert propose([card(Place.DINAS)], Place.COURIER, None)[1].text == "kurir"


BA = Letter("l1", "a1", LetterKind.BA_SERAH_TERIMA, "BA", "K07-1", {}, "u1", AT, number="470/9")
NAMED = {"second": {"name": "Suyatno", "jabatan": "Kepala Desa"}}


@pytest.mark.parametrize(
    ("to", "ba", "told"),
    [
        (Place.PERSON, None, ("WARSITO", "diri sendiri", "")),
        (Place.PERSON, replace(BA, fields=NAMED), ("WARSITO", "diri sendiri", "")),
        (Place.DESA, None, ("", "", "")),
        (Place.DESA, replace(BA, fields=NAMED), ("Suyatno", "Kepala Desa", "470/9")),
        (Place.KECAMATAN, replace(BA, number=""), ("", "", "K07-1")),
        (Place.COURIER, None, ("", "kurir", "")),
        (Place.COURIER, replace(BA, fields=NAMED), ("Suyatno", "Kepala Desa", "470/9")),
    ],
)
def test_the_owner_or_the_second_party_is_proposed(to: Place, ba: Letter | None, told: tuple[str, str, str]) -> None:
    texts = texts_of(propose([card(Place.DINAS)], to, ba))
    assert (texts["receiver"], texts["relation"], texts["proof"]) == told


def test_the_ways_on_are_offered_where_there_are_several() -> None:
    def ways(*cards: CardCase, to: Place) -> list[str]:
        fields = propose(cards, to, None)
        return [choice.name for field in fields if field.name == "to" for choice in field.choices]

    assert ways(card(Place.DINAS), to=Place.DESA) == ["kecamatan", "desa", "person"]
    assert ways(card(Place.DINAS), to=Place.COURIER) == []
    assert ways(card(Place.COURIER), to=Place.PERSON) == []
    labels = {to: propose([card(Place.DINAS)], to, None)[-1].label for to in (Place.DESA, Place.KECAMATAN)}
    assert set(map(str, labels.values())) == {str(propose([card(Place.DESA)], Place.DESA, None)[-1].label)}


@pytest.mark.parametrize(
    ("run", "giver"),
    [
        (None, ""),
        (CourierRun(CourierState.DIANTAR), ""),
        (CourierRun(CourierState.DIANTAR, taken=replace(RECEIPT, receiver="Joko")), "Joko"),
    ],
)
def test_at_the_door_who_took_it_along_is_proposed(run: CourierRun | None, giver: str) -> None:
    fields = propose([replace(card(Place.COURIER), courier=run)], Place.PERSON, None)
    texts = texts_of(fields)
    assert (texts["giver"], texts["door"]) == (giver, "Jimbe")
    taken = received(typed(fields, "door", "Jl. Melati 4"), MarkKind.THUMB, b"jpeg", None)
    assert (taken.giver, taken.place) == (giver, "Jl. Melati 4")


def test_only_a_photo_that_is_named_is_read(idle: Kit, tmp_path: Path) -> None:
    (tmp_path / "pintu.jpg").write_bytes(page_photo())
    fields = propose([card(Place.COURIER)], Place.PERSON, None)
    assert door_photo(idle.context, fields) == door_photo(idle.context, typed(fields, "photo", " ")) == b""
    assert door_photo(idle.context, typed(fields, "photo", str(tmp_path / "pintu.jpg"))).startswith(b"\xff\xd8")


def test_a_kk_of_the_counter_asks_for_a_ktp_el() -> None:
    kk = card(Place.DINAS, Document.KK, "m1")
    assert propose([kk], Place.PERSON, None)[-1].name == "shows_ktp"
    assert propose([kk], Place.DESA, None)[-1].name == "proof"
    assert propose([card(Place.DINAS, Document.KK)], Place.PERSON, None)[-1].name == "proof"
    shown = typed(propose([kk], Place.PERSON, None), "shows_ktp", "yes")
    assert received(shown, MarkKind.THUMB, b"jpeg", None).shows_ktp


def test_what_was_filled_in_is_what_is_received() -> None:
    fields = typed(propose([card(Place.DINAS)], Place.PERSON, None), "proof", "KK")
    taken = received(fields, MarkKind.THUMB, b"jpeg", CardSeen(True, "abc"))
    assert (taken.receiver, taken.proof, taken.kind, taken.mark) == ("WARSITO", "KK", MarkKind.THUMB, b"jpeg")
    assert (taken.is_card_read, taken.card_uid, taken.shows_ktp) == (True, "abc", False)
    bare = received(fields, MarkKind.THUMB, b"jpeg", None)
    assert (bare.is_card_read, bare.card_uid, bare.place, bare.giver) == (False, "", "", "")
    assert not taken.gives_old
    assert received(typed(fields, "old_card", "yes"), MarkKind.THUMB, b"jpeg", None).gives_old
