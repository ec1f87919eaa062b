"""Commands on letters: check a signature, set electronic signatures up."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import (
    HomeOption,
    JsonOption,
    NeverCancelled,
    OverwriteOption,
    PassphraseOption,
    UserOption,
    demand_free,
    home_at,
    passphrase_from,
    write_private,
)
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.errors import InputError
from fieldkit.media.place import Place
from fieldkit.ports.devices import DeviceKind, DeviceState, NotConnectedError, Registry, Signature, SignaturePad
from fieldkit.ports.vault import Standing, Verdict
from fieldkit.services.recording.capture import SIGN_IDLE_MS

_MOST_BYTES = 64_000_000
letter = typer.Typer(help="Surat dan tanda tangan elektronik. / Letters and signatures.", no_args_is_help=True)


@letter.command("verify", help="Periksa tanda tangan sebuah surat PDF. / Check the signatures of a PDF.")
def verify(
    file: Annotated[Path, typer.Argument(help="PDF file.")],
    trust: Annotated[
        list[Path] | None, typer.Option("--trust", help="Trusted authorities (PEM); else those of the kit of --user.")
    ] = None,
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Say what the signatures are worth; works offline. Exit code 3 unless they are valid."""
    pdf = _content(file)
    if trust or not user:
        from fieldkit.app.bootstrap.office_parts import LaptopBench
        from fieldkit.domain.letters.letter import SigningSettings

        pem = "\n".join(_content(path).decode("ascii", "replace") for path in trust or ())
        clock = home_at(home).clock()
        verdict, local = LaptopBench(clock).verifier(SigningSettings(trust=pem)).verify(pdf), clock.local
    else:
        with opened_context(home_at(home), user, passphrase_file) as context:
            verdict, local = context.office.signing.verify(pdf), context.clock.local
    if json:
        show_json(_as_json(verdict))
    else:
        said = messages()
        say(f"tte.verdict.{verdict.standing.value}")
        say(f"tte.meaning.{verdict.standing.value}")
        rows = [
            (
                seen.signer,
                local(seen.signed_at).strftime("%d-%m-%Y %H.%M") if seen.signed_at else "–",
                *(said.text(f"tte.{name}" if holds else f"tte.not_{name}") for name, holds in _holds(seen)),
            )
            for seen in verdict.signatures
        ]
        if rows:
            columns = [said.text(f"tte.col_{name}") for name in ("signer", "time", "intact", "whole", "trusted")]
            show_table("", columns, rows)
    if verdict.standing is not Standing.VALID:
        raise typer.Exit(3)


@letter.command("set-service", help="Atur layanan TTE (BSrE). / Set the signing service.")
def set_service(
    url: Annotated[str, typer.Option("--url", help="Address of the e-sign client service, https://…")],
    service_user: Annotated[str, typer.Option("--service-user", help="User name of the office at the service.")],
    admin: Annotated[str, typer.Option("--admin", help="User id of the admin.")],
    secret_file: Annotated[Path | None, typer.Option("--secret-file", help="File with the office's secret.")] = None,
    ca: Annotated[Path | None, typer.Option("--ca", help="CA of the service's TLS (PEM); else the system's.")] = None,
    trust: Annotated[list[Path] | None, typer.Option("--trust", help="Authorities of signers (PEM).")] = None,
    nik: Annotated[list[str] | None, typer.Option("--nik", help="USER=FILE: file with the signer's NIK.")] = None,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Keep how this kit signs; secrets and NIK are read from files, so that no history of commands holds them."""
    secret = passphrase_from(secret_file, "tte.ask_secret")
    with opened_context(home_at(home), admin, passphrase_file) as context:
        setup = context.office.signing_setup
        setup.set_service(url, service_user, secret, _content(ca).decode("ascii", "replace") if ca else "")
        if trust:
            setup.set_trust("\n".join(_content(path).decode("ascii", "replace") for path in trust))
        for told in nik or ():
            signer, _, file = told.partition("=")
            setup.set_nik(signer, passphrase_from(Path(file)))
    say("tte.set")


@letter.command("set-certificate", help="Pasang sertifikat kantor (PKCS #12). / Install the office's certificate.")
def set_certificate(
    file: Annotated[Path, typer.Argument(help="PKCS #12 file.")],
    admin: Annotated[str, typer.Option("--admin", help="User id of the admin.")],
    certificate_passphrase_file: Annotated[
        Path | None, typer.Option("--certificate-passphrase-file", help="Its passphrase; else it is asked.")
    ] = None,
    home: HomeOption = None,
    passphrase_file: PassphraseOption = None,
) -> None:
    """Sign with the office's certificate from now on; its passphrase is checked here and not kept."""
    passphrase = passphrase_from(certificate_passphrase_file, "tte.ask_certificate")
    with opened_context(home_at(home), admin, passphrase_file) as context:
        found = context.office.signing_setup.set_certificate(_content(file), passphrase)
    say("tte.certificate_set", name=found.name, until=found.valid_until.strftime("%d-%m-%Y"))


def _content(file: Path) -> bytes:
    try:
        return Place.of_file(file).read(_MOST_BYTES)
    except OSError as error:
        raise InputError("tte.file_unreadable", path=str(file)) from error


def _holds(seen: Any) -> tuple[tuple[str, bool], ...]:
    return ("intact", seen.is_intact), ("whole", seen.covers_all), ("trusted", seen.is_trusted)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "verdict": verdict.standing.value,
        "sentence": messages().text(f"tte.verdict.{verdict.standing.value}"),
        "signatures": [
            {
                "signer": seen.signer,
                "issuer": seen.issuer,
                "signed_at": seen.signed_at.isoformat() if seen.signed_at else None,
                "time_certified": seen.is_time_certified,
                "intact": seen.is_intact,
                "trusted": seen.is_trusted,
                "covers_whole_document": seen.covers_all,
            }
            for seen in verdict.signatures
        ],
    }


# The command that takes one signature from a pad and writes it as strokes, pixels and lines.

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
    from fieldkit.quality.inspection import score_signature

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
