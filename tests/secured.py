"""Engines as a careful administrator would run them: TLS, SASL for Kafka, users and roles for Elasticsearch."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import socket
import ssl
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import trustme
from cryptography.hazmat.primitives import serialization

from deploy.artifacts import ArtifactStore, write_atomically
from deploy.config import LOOPBACK, QUICK_START, ArtifactConfig, ElasticsearchConfig, KafkaConfig
from deploy.elasticsearch import Elasticsearch
from deploy.kafka import API_VERSIONS, Kafka
from deploy.progress import shown
from deploy.testing import HEAP_MB, free_ports

USER = "huiyao"
PASSWORD = "Gan-jiang#2026"  # of a broker that lives for one test
ITERATIONS = 10_000

KAFKA = """\
listener.security.protocol.map=BROKER:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
listener.name.broker.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
username="{user}" password="{password}" user_{user}="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={server}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
"""
ELASTICSEARCH = """\
xpack.security.enabled: true
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.key: {key}
xpack.security.http.ssl.certificate: {certificate}
xpack.security.transport.ssl.enabled: false
"""
ROLE = """\
huiyao:
  cluster: [monitor, manage_index_templates]
  indices:
    - names: ["*"]
      privileges: [all]
"""
"""What Huiyao needs; docs/operations.md says so too."""


class SecuredKafka(Kafka):
    """A broker that takes nobody without a password and nothing unencrypted."""

    files: Path

    def _render(self) -> str:
        kept = [
            line for line in super()._render().splitlines() if not line.startswith("listener.security.protocol.map")
        ]
        own = KAFKA.format(
            user=USER, password=PASSWORD, server=self.files / "server.pem", authority=self.files / "authority.pem"
        )
        return "\n".join(kept) + "\n" + own

    def ready(self) -> bool:
        """ApiVersions is answered before anybody has said who it is."""
        context = ssl.create_default_context(cafile=str(self.files / "authority.pem"))
        with (
            contextlib.suppress(OSError, struct.error),
            socket.create_connection((LOOPBACK, self._config.port), timeout=3) as plain,
            context.wrap_socket(plain, server_hostname=LOOPBACK) as connection,
        ):
            connection.sendall(struct.pack(">i", len(API_VERSIONS)) + API_VERSIONS)
            _size, correlation = struct.unpack(">ii", connection.recv(8))
            return bool(correlation == 1)
        return False


class SecuredElasticsearch(Elasticsearch):
    """A node with security on: HTTPS, one user of the file realm with the role that Huiyao needs."""

    files: Path

    @property
    def address(self) -> str:
        return f"https://{LOOPBACK}:{self._config.port}"

    def ready(self) -> bool:
        context = ssl.create_default_context(cafile=str(self.files / "authority.pem"))
        with contextlib.suppress(httpx.HTTPError):
            url = f"{self.address}/_cluster/health?wait_for_status=yellow&timeout=1s"
            answer = httpx.get(url, auth=(USER, PASSWORD), verify=context, timeout=3, trust_env=False)
            return answer.status_code == httpx.codes.OK
        return False

    def _write_config(self) -> None:
        super()._write_config()
        config = self.place / "config"
        for name in ("key.pem", "certificate.pem"):
            write_atomically(config / name, (self.files / name).read_text("utf-8"))
        settings = (config / "elasticsearch.yml").read_text("utf-8").replace("xpack.security.enabled: false\n", "")
        own = ELASTICSEARCH.format(key=config / "key.pem", certificate=config / "certificate.pem")
        write_atomically(config / "elasticsearch.yml", settings + own)
        write_atomically(config / "users", f"{USER}:{_hashed(PASSWORD)}\n")
        write_atomically(config / "users_roles", f"{USER}:{USER}\n")
        write_atomically(config / "roles.yml", ROLE)


@dataclass(frozen=True, slots=True)
class Secured:
    """Where they are and what a client needs."""

    kafka: str
    elasticsearch: str
    authority: Path


@contextmanager
def secured_engines(folder: Path) -> Iterator[Secured]:
    """Both, on free ports, stopped at the end."""
    files = _certificates(folder / "tls")
    store = ArtifactStore(ArtifactConfig(), shown)
    broker, controller, http = free_ports(3)
    kafka = SecuredKafka(
        folder / "kafka", KafkaConfig(broker, controller, HEAP_MB, QUICK_START), store, die_with_parent=True
    )
    elastic = SecuredElasticsearch(
        folder / "elasticsearch", ElasticsearchConfig(http, HEAP_MB, QUICK_START), store, die_with_parent=True
    )
    kafka.files = elastic.files = files
    with ExitStack() as stack:
        stack.callback(elastic.purge)
        for engine in (elastic, kafka):
            stack.callback(engine.stop)
            engine.prepare()
            engine.spawn()
        for engine in (elastic, kafka):
            engine.wait_ready()
        yield Secured(kafka.address, elastic.address, files / "authority.pem")


def _certificates(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    server = authority.issue_cert(LOOPBACK)
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    key = _pkcs8(server.private_key_pem.bytes())
    certificate = b"".join(one.bytes() for one in server.cert_chain_pems)
    (folder / "key.pem").write_bytes(key)
    (folder / "certificate.pem").write_bytes(certificate)
    (folder / "server.pem").write_bytes(key + certificate)
    return folder


def _pkcs8(key: bytes) -> bytes:
    """Java reads private keys in PKCS 8 only."""
    loaded = serialization.load_pem_private_key(key, None)
    plain = serialization.NoEncryption()
    return loaded.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _hashed(password: str) -> str:
    """As Elasticsearch's file realm keeps it: ``{PBKDF2}iterations$salt$hash``, HMAC-SHA-512, 256 bits."""
    salt = os.urandom(32)
    made = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS, dklen=32)
    return f"{{PBKDF2}}{ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"
