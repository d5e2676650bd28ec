"""TLS: the connection goes to the checked address, the certificate is checked against the host's name."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from producers.web.body import FetchError
from producers.web.fetch import Fetcher, FetchSettings

NAME = "paper.example"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for NAME that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


async def resolver(_: str, __: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize(
    ("host", "trusted", "works"), [(NAME, True, True), (NAME, False, False), ("other.example", True, False)]
)
async def test_the_certificate_must_be_of_the_host(
    web: Web, certificate: Path, host: str, trusted: bool, works: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[str | None] = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    assert web.server is not None
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    web.page("/f", "x")
    settings = FetchSettings(
        "t@example.cn", allow_private_hosts=frozenset({"*"}), ca_file=certificate if trusted else None
    )
    async with Fetcher(settings, resolver=resolver) as fetcher:
        url = f"https://{host}:{web.server.server_address[1]}/f"
        if works:
            assert (await fetcher.get(url)).body == b"x"
        else:
            with pytest.raises(FetchError, match=r"CERTIFICATE_VERIFY_FAILED|certificate verify failed"):
                await fetcher.get(url)
    assert asked == [host]
