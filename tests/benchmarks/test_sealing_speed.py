"""Sealing against what it cannot be cheaper than: one signature by openssl and one pass of a cipher."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from fieldkit.ports.vault import SigningKey
from fieldkit.vault import age, certificates
from fieldkit.vault.cms import RecordSealer
from tests.benchmarks.goals import SEAL_OF_OPENSSL

RECORD_BYTES = 3_000_000


def median_ms(act: Callable[[], object], rounds: int = 15) -> float:
    """Return ms of a processor, of this process and of those that it starts."""
    act()
    times = []
    for _ in range(rounds):
        begun = used_s()
        act()
        times.append(used_s() - begun)
    return statistics.median(times) * 1000


def used_s() -> float:
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in each)


def test_sealing_costs_little_more_than_one_signature_and_one_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    now, record = datetime.now(UTC), os.urandom(RECORD_BYTES)
    ca, kit_private, petugas_private = (
        certificates.create_ca("Dinas", now),
        certificates.new_private_key(),
        certificates.new_private_key(),
    )
    kit = SigningKey(certificates.issue_kit(ca, certificates.make_csr(kit_private), "KIT-07", now), kit_private)
    csr = certificates.make_csr(petugas_private)
    petugas = SigningKey(certificates.issue_petugas(ca, csr, "u-1", "Siti", "loket", now), petugas_private)
    sealer = RecordSealer(kit, petugas, [str(age.generate_identity().recipient) for _ in range(2)])

    (tmp_path / "record").write_bytes(record)
    (tmp_path / "cert.pem").write_text(certificates.certificates_to_pem(kit.certificate_der))
    (tmp_path / "key.pem").write_text(certificates.private_to_pem(kit.private_der))
    command = [openssl, "cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-outform", "DER", "-md", "sha256"]
    command += ["-signer", "cert.pem", "-inkey", "key.pem", "-in", "record", "-out", "signed"]
    cipher = ChaCha20Poly1305(os.urandom(32))

    seal = median_ms(lambda: sealer.seal(record, now))
    sign = median_ms(lambda: subprocess.run(command, cwd=tmp_path, check=True, capture_output=True))
    encrypt = median_ms(lambda: cipher.encrypt(bytes(12), record, None))
    ratio = seal / (sign + encrypt)
    with capsys.disabled():
        print(
            f"\n  seal 3 MB {seal:.1f} ms; openssl cms -sign {sign:.1f} ms + ChaCha {encrypt:.1f} ms; ratio {ratio:.2f}"
        )
    assert ratio <= SEAL_OF_OPENSSL
