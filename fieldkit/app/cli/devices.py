"""Commands for devices: list them, test them, capture from one."""

from __future__ import annotations

import json as json_text
import re
from collections.abc import Sequence
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from fieldkit.app.cli import self_test, trace
from fieldkit.app.cli.custody import CaOption, FileArgument, IdentityOption, ProvidersOption, record
from fieldkit.app.cli.letters import sign
from fieldkit.app.cli.options import (
    ExportChoice,
    HomeOption,
    JsonOption,
    NeverCancelled,
    NoProgress,
    OverwriteOption,
    demand_free,
    home_at,
    write_private,
)
from fieldkit.app.cli.speech import messages, say, say_problem, show_json, show_table
from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.positions import EYES, FINGERS, Modality, Position
from fieldkit.ports.devices import BiometricCaptureDevice, DeviceStatus, NotConnectedError, Registry
from fieldkit.services.recording.capture import DEVICE_FOR


class CaptureWhat(StrEnum):
    """What `fieldkit capture` takes."""

    FINGERS = "fingers"
    IRIS = "iris"
    FACE = "face"


_MODALITY = {
    CaptureWhat.FINGERS: (Modality.FINGER, FINGERS),
    CaptureWhat.IRIS: (Modality.IRIS, EYES),
    CaptureWhat.FACE: (Modality.FACE, (Position.PORTRAIT,)),
}
_HASH = re.compile(r"[0-9A-Fa-f]{64}")
_DEFAULT_DRIVER = {CaptureWhat.FINGERS: "sbi", CaptureWhat.IRIS: "sbi", CaptureWhat.FACE: "opencv"}


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    group = typer.Typer(help="Lihat dan uji perangkat. / List and test devices.", invoke_without_command=True)
    group.callback()(devices)
    group.command("test", help="Uji setiap perangkat. / Test every device.")(self_test.try_devices)
    traced = "Uji sambil mencatat lalu lintas kabel ke berkas. / Test, and record what passes on the lines into a file."
    group.command("trace", help=traced)(trace.trace_devices)
    app.add_typer(group, name="devices")
    app.command("capture", help="Ambil dari satu perangkat. / Capture from one device.")(capture)
    app.command("sign", help="Ambil satu tanda tangan. / Take one signature.")(sign)


def devices(context: typer.Context, home: HomeOption = None, json: JsonOption = False) -> None:
    """Look for devices now and list them; a missing library or permission is a line with its remedy."""
    if context.invoked_subcommand is not None:
        return
    from fieldkit.app.bootstrap.devices import addresses_of, connect_devices

    place = home_at(home)
    connected = connect_devices(place.trust, place.clock(), addresses_of(place), is_watching=False)
    try:
        found = connected.registry.scan()
    finally:
        connected.close()
    if json:
        show_json([_status_as_json(status) for status in found])
        return
    said = messages()
    columns = [said.text(f"cli.devices_{name}") for name in ("kind", "who", "state", "address", "remedy")]
    show_table(said.text("common.devices"), columns, [_status_row(status) for status in found])


def _status_as_json(status: DeviceStatus) -> dict[str, Any]:
    who = status.identity
    return {
        "driver": status.driver,
        "kind": status.kind.value,
        "state": status.state.value,
        "address": status.address,
        "vendor": who.vendor if who else "",
        "model": who.model if who else "",
        "serial": who.serial if who else "",
        "mode": status.mode,
        "detail": _detail(status),
        "simulated": status.is_simulated,
    }


def _status_row(status: DeviceStatus) -> tuple[str, ...]:
    said = messages()
    who = f"{status.identity.vendor} {status.identity.model}" if status.identity else status.driver
    state = said.text(f"device_state.{status.state.value}")
    return (
        said.text(f"device_kind.{status.kind.value}"),
        f"{who} {status.mode}".strip(),
        state,
        status.address,
        _detail(status),
    )


def _detail(status: DeviceStatus) -> str:
    if not status.detail:
        return ""
    text = messages().problem(Problem(status.detail, status.params))
    return " ".join(part for part in (text.what, text.do) if part)


def capture(
    what: Annotated[CaptureWhat, typer.Argument(metavar="MODALITY", help="fingers, iris or face.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the samples and capture.json.")],
    position: Annotated[list[Position] | None, typer.Option("--position", help="Only these positions.")] = None,
    exception: Annotated[list[Position] | None, typer.Option("--exception", help="What the subject lacks.")] = None,
    driver: Annotated[str, typer.Option("--driver", help="Driver: sbi or opencv.")] = "",
    url: Annotated[str, typer.Option("--url", help="Address of the service or camera.")] = "",
    trust: Annotated[
        Path | None, typer.Option("--trust", exists=True, help="CA of the device provider (PEM file or folder).")
    ] = None,
    previous_hash: Annotated[str, typer.Option("--previous-hash", help="Go on with the chain of a subject.")] = "",
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds a capture may take.")] = 10.0,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Capture, verify what the device signed, and write ISO/IEC 19794 records, pictures and signatures."""
    from fieldkit.app.bootstrap.clock import UuidV7
    from fieldkit.app.bootstrap.devices import Addresses, addresses_of, connect_devices
    from fieldkit.formats.rules import load_policy
    from fieldkit.services.devices import CaptureAlone

    place, name = home_at(home), driver or _DEFAULT_DRIVER[what]
    modality, all_positions = _MODALITY[what]
    _check_driver(name)
    _check_positions(what, all_positions, (*(position or ()), *(exception or ())))
    wanted = tuple(position) if position else all_positions
    if not set(wanted) - set(exception or ()):
        raise InputError("cli.nothing_to_capture")
    if previous_hash and not _HASH.fullmatch(previous_hash):
        raise InputError("cli.previous_hash")
    addresses = Addresses({name: (url,)}, frozenset({name})) if url else addresses_of(place)
    clock = place.clock()
    connected = connect_devices(trust or place.trust, clock, addresses, is_watching=False)
    try:
        device = _device(connected.registry, name, modality)
        alone = CaptureAlone(device, connected.inspector, load_policy(), clock, UuidV7(clock))
        result = alone.run(
            modality, wanted, exception or (), previous_hash, NoProgress(), NeverCancelled(), int(timeout * 1000)
        )
    finally:
        connected.close()
    report = {
        "device": {
            "vendor": device.identity.vendor,
            "model": device.identity.model,
            "serial": device.identity.serial,
        },
        "samples": [_write(out, sample) for sample in result.samples],
        "missing": [{"position": f.position.value, "code": f.code} for f in result.faults],
        "poor": [p.value for p in result.poor],
        "exceptions": [p.value for p in exception or ()],
        "captures": result.captures,
        "last_hash": result.last_hash,
        "links": [
            {
                "position": link.position.value,
                "sha256": link.sha256,
                "previous": link.previous,
                "chain_hash": link.chain_hash,
                "signed_at": link.signed_at.isoformat(),
                "discarded": link.discarded,
            }
            for link in result.links
        ],
        "stopped_by": result.stopped_by.code if result.stopped_by else None,
    }
    write_private(out, {"capture.json": json_text.dumps(report, indent=2, ensure_ascii=False).encode()})
    if json:
        show_json(report)
    else:
        say("cli.captured", count=len(result.samples), out=str(out), missing=len(result.faults))
        if result.poor:
            say("cli.captured_poor", positions=", ".join(p.value for p in result.poor))
    if result.stopped_by is not None:
        say_problem(result.stopped_by)
    if result.faults or result.poor or result.stopped_by is not None:
        raise typer.Exit(3)


def _check_driver(name: str) -> None:
    from drivers.registry import GROUP

    known = sorted(entry.name for entry in entry_points(group=GROUP))
    if name not in known:
        raise InputError("cli.unknown_driver", driver=name, known=", ".join(known))


def _check_positions(what: CaptureWhat, allowed: Sequence[Position], given: Sequence[Position]) -> None:
    for position in given:
        if position not in allowed:
            raise InputError("cli.position_elsewhere", position=position.value, what=what.value)


def _device(registry: Registry, driver: str, modality: Modality) -> BiometricCaptureDevice:
    kind = DEVICE_FOR[modality]
    for status in registry.scan():
        if status.driver == driver and status.kind is kind:
            device = registry.device(status)
            assert isinstance(device, BiometricCaptureDevice)
            return device
    raise NotConnectedError("device.not_connected", address=driver)


def _write(out: Path, sample: Sample) -> dict[str, Any]:
    from fieldkit.formats.pictures import RecordPictures

    stem, evidence = sample.position.value, sample.evidence
    files = {f"{stem}.{sample.format.value}": sample.data, f"{stem}.jpg": RecordPictures().jpeg(sample, 800)}
    if evidence is not None:
        files[f"{stem}.jws"] = evidence.jws.encode("ascii")
    write_private(out, files)
    return {
        "position": sample.position.value,
        "quality": sample.quality.value,
        "algorithm": sample.quality.algorithm,
        "device_quality": sample.device_quality.value if sample.device_quality else None,
        "device_algorithm": sample.device_quality.algorithm if sample.device_quality else None,
        "format": sample.format.value,
        "size_bytes": len(sample.data),
        "record": str(out / f"{stem}.{sample.format.value}"),
        "picture": str(out / f"{stem}.jpg"),
        "signature": str(out / f"{stem}.jws") if evidence else None,
        "chain_hash": evidence.chain_hash if evidence else None,
        "hints": list(sample.hints),
    }


# Commands that show a sample and write records in the formats of others.

sample = typer.Typer(help="Sampel biometrik. / Biometric samples.", no_args_is_help=True)


@record.command("export", help="Tulis rekaman dalam format lain. / Write a record in another format.")
def export(
    file: FileArgument,
    identity: IdentityOption,
    form: Annotated[ExportChoice, typer.Option("--format", help="OSIA, ANSI/NIST-ITL, ISO/IEC 19794 or CBEFF.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.")],
    ca: CaOption = None,
    trust: ProvidersOption = None,
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
) -> None:
    """Open a record, check all of it, and write its content as others read it."""
    from fieldkit.app.bootstrap.office_bundles import ExportFormat, exported
    from fieldkit.app.bootstrap.sample_quality import open_record

    found = open_record(file, identity, ca, trust)
    files = exported(found.record, ExportFormat(form.value))
    if not overwrite:
        demand_free(out, files)
    write_private(out, files)
    if json:
        show_json({"record_id": found.record.record_id, "format": form.value, "files": [str(out / n) for n in files]})
    else:
        say("cli.record_exported", record=found.record.record_id, count=len(files), out=str(out))


@sample.command("inspect", help="Tampilkan isi berkas sampel. / Show what a sample says of itself.")
def inspect(
    file: Annotated[Path, typer.Argument(help="ISO/IEC 19794-2, -4, -5, -6, ANSI/NIST-ITL, picture or strokes.")],
    json: JsonOption = False,
) -> None:
    """Show format, size, position, quality and date of a sample, and whether it can be decoded."""
    from fieldkit.app.bootstrap.office_bundles import inspected

    facts = inspected(file)
    if json:
        show_json(facts)
    else:
        for name, value in facts.items():
            if name != "fault":
                typer.echo(f"{name}: {value}")
        if not facts["fault"]:
            typer.echo(messages().text("cli.sample_good"))
    if facts["fault"]:
        raise InputError("sample.faulty", file=str(file), fault=str(facts["fault"]))
