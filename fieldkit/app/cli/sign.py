"""The command that takes one signature from a pad and writes it as strokes, pixels and lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fieldkit.app.cli.options import HomeOption, JsonOption, home_at
from fieldkit.app.cli.private_files import OverwriteOption, demand_free, write_private
from fieldkit.app.cli.quiet import NeverCancelled
from fieldkit.app.cli.speech import say, show_json
from fieldkit.ports.devices import DeviceKind, DeviceState, NotConnectedError, Registry, Signature, SignaturePad
from fieldkit.services.recording.capture import SIGN_IDLE_MS

_NAME, _FORMS = "signature", ("json", "png", "svg")


class Unseen:
    """A `StrokeSink` that nobody looks at."""

    def offer_signature(self, _signature: Signature) -> None:
        """Forget it."""


def sign(
    out: Annotated[Path, typer.Option("--out", help="Folder for signature.json, .png and .svg.")],
    driver: Annotated[str, typer.Option("--driver", help="Driver: topaz, isdv4 or stu; else the first pad.")] = "",
    url: Annotated[str, typer.Option("--url", help="Port of the pad: /dev/ttyUSB0#clipgem, COM4 …")] = "",
    timeout: Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait for the first stroke.")] = 60.0,
    overwrite: OverwriteOption = False,
    home: HomeOption = None,
    json: JsonOption = False,
) -> None:
    """Wait for a signature on a pad; a line is accepted. Raise a `DeviceError` when none comes."""
    from fieldkit.app.bootstrap.devices import Addresses, addresses_of, connect_devices

    if not overwrite:
        demand_free(out, [f"{_NAME}.{form}" for form in _FORMS])
    place = home_at(home)
    addresses = Addresses({driver: (url,)}, frozenset({driver})) if driver and url else addresses_of(place)
    connected = connect_devices(place.trust, place.clock(), addresses, is_watching=False)
    try:
        pad = _pad(connected.registry, driver)
        pad.open(NeverCancelled())
        signature = pad.sign(Unseen(), NeverCancelled(), SIGN_IDLE_MS, int(timeout * 1000))
        identity = pad.identity
    finally:
        connected.close()
    report = {
        "device": {"vendor": identity.vendor, "model": identity.model, "serial": identity.serial},
        **_write(out, signature),
    }
    if json:
        show_json(report)
    else:
        say("cli.signed", strokes=len(signature.strokes), out=str(out))


def _pad(registry: Registry, driver: str) -> SignaturePad:
    pads = [s for s in registry.scan() if s.kind is DeviceKind.SIGNATURE_PAD and driver in ("", s.driver)]
    for status in sorted(pads, key=lambda each: each.state is not DeviceState.READY):
        pad = registry.device(status)
        assert isinstance(pad, SignaturePad)
        return pad
    raise NotConnectedError("device.none.signature_pad")


def _write(out: Path, signature: Signature) -> dict[str, Any]:
    from fieldkit.formats.signature import encode_signature, render_signature_png, render_signature_svg
    from fieldkit.quality.signature import score_signature

    forms = (encode_signature(signature), render_signature_png(signature), render_signature_svg(signature))
    files = {f"{_NAME}.{form}": content for form, content in zip(_FORMS, forms, strict=True)}
    write_private(out, files)
    score = score_signature(signature)
    return {
        "strokes": len(signature.strokes),
        "width_um": signature.width_um,
        "height_um": signature.height_um,
        "quality": score.value,
        "algorithm": score.algorithm,
        "files": [str(out / name) for name in files],
    }
