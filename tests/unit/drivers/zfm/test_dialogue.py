from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.zfm.dialogue import (
    MAX_PAYLOAD_BYTES,
    Act,
    Ask,
    Code,
    Exchange,
    Instruction,
    Packet,
    PacketKind,
    PacketParser,
    Parameters,
    Reply,
    is_finger_of,
    learn_finger,
    sign_in,
    take_print,
)
from fieldkit.ports.devices import DeviceError, NothingPresentedError, PermissionDeniedError, ProtocolError

OK, NO_FINGER = Reply(Code.OK), Reply(Code.NO_FINGER)
PARAMETERS = bytes.fromhex("0000000900c80003ffffffff00020006")


def talk(act: Act[object], *replies: Reply) -> tuple[list[str], object]:
    """Answer what an act asks, and return what it asked and its result."""
    asked = [next(act)]
    try:
        for reply in replies:
            asked.append(act.send(reply))
    except StopIteration as end:
        return [ask.instruction.name for ask in asked], end.value
    raise AssertionError(f"it still asks {asked[-1]}")


def never() -> bool:
    return False


def late() -> bool:
    return True


def test_signing_in_tells_the_parameters():
    asked, parameters = talk(sign_in(0xBEEF), OK, Reply(Code.OK, PARAMETERS))
    assert asked == ["VERIFY_PASSWORD", "READ_PARAMETERS"]
    assert parameters == Parameters(system_id=9, capacity=200, security_level=3, packet_bytes=128, baud=57_600)
    assert next(sign_in(0xBEEF)).arguments == bytes.fromhex("0000beef")


@pytest.mark.parametrize("code", [Code.WRONG_PASSWORD, Code.MUST_SIGN_IN])
def test_a_wrong_password_is_said(code):
    with pytest.raises(PermissionDeniedError) as caught:
        talk(sign_in(1), Reply(code))
    assert caught.value.code == "device.zfm.password"


@pytest.mark.parametrize("fields", [b"", PARAMETERS[:12], PARAMETERS[:12] + b"\0\7\0\6", PARAMETERS[:14] + b"\0\0"])
def test_parameters_that_make_no_sense(fields):
    with pytest.raises(ProtocolError):
        talk(sign_in(0), OK, Reply(Code.OK, fields))


def test_a_print_is_waited_for_and_spread_to_eight_bits():
    image = Reply(Code.OK, content=bytes((0x0F, 0x80)) * (36_864 // 2))
    asked, print_image = talk(take_print(never), NO_FINGER, Reply(Code.IMAGE_FAILED), OK, image)
    assert asked == ["TAKE_IMAGE"] * 3 + ["UPLOAD_IMAGE"]
    assert (print_image.width, print_image.height, print_image.ppi) == (256, 288, 500)
    assert print_image.pixels[:4] == bytes((0, 255, 136, 0))
    for content, size in ((36_864, (256, 288)), (18_432, (192, 192)), (12_800, (160, 160))):
        small = talk(take_print(never), OK, Reply(Code.OK, content=bytes(content)))[1]
        assert (small.width, small.height, len(small.pixels)) == (*size, size[0] * size[1])
    with pytest.raises(ProtocolError):
        talk(take_print(never), OK, Reply(Code.OK, content=bytes(100)))


def test_no_finger_in_time():
    for act in (take_print(late), learn_finger(late), is_finger_of(b"t", late)):
        with pytest.raises(NothingPresentedError) as caught:
            talk(act, NO_FINGER)
        assert caught.value.code == "device.no_finger"


def test_a_finger_is_learnt_from_two_prints_with_a_lift_between():
    template = Reply(Code.OK, content=b"template")
    asked, content = talk(
        learn_finger(never), OK, Reply(Code.MESSY), OK, OK, OK, NO_FINGER, NO_FINGER, OK, OK, OK, template
    )
    take, features = "TAKE_IMAGE", "IMAGE_TO_FEATURES"
    assert asked == [take, features, take, features, take, take, take, take, features, "MERGE", "UPLOAD_FEATURES"]
    assert content == b"template"


def test_two_different_fingers_make_no_template():
    with pytest.raises(NothingPresentedError) as caught:
        talk(learn_finger(never), OK, OK, NO_FINGER, OK, OK, Reply(Code.MERGE_FAILED))
    assert caught.value.code == "device.finger_differs"


def test_unclear_or_never_lifted_ends_with_the_time():
    times = iter((True,))
    with pytest.raises(NothingPresentedError) as caught:
        talk(learn_finger(lambda: next(times)), OK, Reply(Code.FEW_FEATURES))
    assert caught.value.code == "device.finger_unclear"
    with pytest.raises(NothingPresentedError) as caught:
        talk(learn_finger(late), OK, OK, OK)
    assert caught.value.code == "device.finger_not_lifted"


@pytest.mark.parametrize(("code", "verdict"), [(Code.OK, True), (Code.NO_MATCH, False)])
def test_the_module_compares(code, verdict):
    asked, is_same = talk(is_finger_of(b"template", never), OK, OK, OK, Reply(code, b"\0\x50"))
    assert asked == ["TAKE_IMAGE", "IMAGE_TO_FEATURES", "DOWNLOAD_FEATURES", "MATCH"]
    assert is_same is verdict


def test_any_other_code_is_named():
    with pytest.raises(ProtocolError) as caught:
        talk(is_finger_of(b"template", never), OK, OK, OK, Reply(0x1A))
    assert caught.value.problem.params == {"number": 0x1A}


def test_a_template_goes_out_in_packets_of_the_modules_size():
    exchange = Exchange(Ask(Instruction.DOWNLOAD_FEATURES, b"\x02", sends=bytes(range(100))), 32)
    assert exchange.begin() == Packet(PacketKind.COMMAND, b"\x09\x02").encode()
    sent = PacketParser().feed(exchange.handle(Packet(PacketKind.ACK, b"\0")))
    assert [(p.kind, len(p.payload)) for p in sent] == [(PacketKind.DATA, 32)] * 3 + [(PacketKind.LAST_DATA, 4)]
    assert b"".join(p.payload for p in sent) == bytes(range(100))
    assert exchange.is_over


def test_data_before_the_acknowledgement_and_of_others_is_passed_over():
    exchange = Exchange(Ask(Instruction.UPLOAD_FEATURES, b"\1", takes_bytes=8), 32)
    for packet in (
        Packet(PacketKind.LAST_DATA, b"old"),
        Packet(PacketKind.ACK, b"\0", address=5),
        Packet(PacketKind.ACK, b""),
        Packet(PacketKind.ACK, b"\0"),
        Packet(PacketKind.DATA, b"1234"),
        Packet(PacketKind.ACK, b"\0"),
    ):
        assert exchange.handle(packet) == b""
        assert not exchange.is_over
    exchange.handle(Packet(PacketKind.LAST_DATA, b"5678"))
    assert exchange.is_over
    assert exchange.handle(Packet(PacketKind.DATA, b"late")) == b""
    assert exchange.reply() == Reply(Code.OK, b"", b"12345678")


def test_more_data_than_there_can_be_is_refused():
    exchange = Exchange(Ask(Instruction.UPLOAD_FEATURES, b"\1", takes_bytes=8), 32)
    exchange.handle(Packet(PacketKind.ACK, b"\0"))
    with pytest.raises(ProtocolError):
        exchange.handle(Packet(PacketKind.DATA, bytes(9)))


asks = st.sampled_from(
    [Ask(Instruction.MATCH), Ask(Instruction.DOWNLOAD_FEATURES, sends=b"x" * 70), Ask(Instruction(8), takes_bytes=600)]
)
packets = st.builds(Packet, st.sampled_from(PacketKind), st.binary(max_size=MAX_PAYLOAD_BYTES))


@pytest.mark.days
@settings(deadline=None, max_examples=tries(1000))
@given(asks, st.lists(packets, max_size=20))
def test_any_packets_in_any_order(ask, received):
    exchange = Exchange(ask, 32)
    with suppress(ProtocolError):
        for packet in received:
            exchange.handle(packet)
    assert len(exchange._content) <= ask.takes_bytes + MAX_PAYLOAD_BYTES
    if exchange.is_over:
        assert isinstance(exchange.reply(), Reply)


replies = st.builds(Reply, st.integers(0, 255), st.binary(max_size=40), st.binary(max_size=64))


@pytest.mark.days
@settings(deadline=None, max_examples=tries(1000))
@given(st.sampled_from([sign_in, take_print, learn_finger, is_finger_of]), st.lists(replies, max_size=30))
def test_any_replies_end_an_act_only_by_a_result_or_a_known_error(act, answers):
    arguments = {sign_in: (0,), is_finger_of: (b"t", never)}.get(act, (never,))
    running = act(*arguments)
    next(running)
    with suppress(StopIteration, DeviceError):
        for answer in answers:
            assert isinstance(running.send(answer), Ask)
