"""A real OpenID provider on loopback: signs with a real key, checks the verifier, and lies where it is told to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "huiyao", "client-secret"


@cache
def new_key(kid: str) -> RSAKey:
    """A key by its name; the same one for every test, since making one takes its time."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class Issued:
    """What a code stands for."""

    challenge: str
    redirect: str
    nonce: str


@dataclass
class OidcProvider:
    """``person``: the claims of who logs in; ``change``: what it does to an honest id_token's claims before signing."""

    base: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "s-1", "preferred_username": "liu.b"})
    change: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "RS256"})
    signs_with: RSAKey | None = None
    says_issuer: str = ""
    down: bool = False
    codes: dict[str, Issued] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: new_key("k1"))

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.says_issuer or self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/keys",
        }

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser is sent back to after the person has logged in."""
        assert query["response_type"] == "code"
        assert (query["client_id"], query["code_challenge_method"]) == (CLIENT, "S256")
        code = secrets.token_urlsafe(16)
        self.codes[code] = Issued(query["code_challenge"], query["redirect_uri"], query["nonce"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        self.asked.append(form)
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        issued = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        fits = issued and base64.urlsafe_b64encode(digest).decode().rstrip("=") == issued.challenge
        if authorization != f"Basic {wanted}":
            return 401, {"error": "invalid_client"}
        if issued is None or not fits or form["redirect_uri"] != issued.redirect:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.base, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": issued.nonce} | self.person
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.signed(self.change(claims))}

    def signed(self, claims: dict[str, Any]) -> str:
        if self.header["alg"] == "none":
            parts = [json.dumps(part).encode() for part in (self.header, claims)]
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
        return jwt.encode({"kid": "k1"} | self.header, claims, self.signs_with or self.key)


@contextmanager
def oidc_provider() -> Iterator[OidcProvider]:
    """A provider that answers while the block runs."""
    made = OidcProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if made.down:
                self._say(502, {})
            elif parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", made.authorize(query))
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif parts.path == "/keys":
                self._say(200, dict(KeySet([made.key]).as_dict(private=False)))
            elif parts.path == "/.well-known/openid-configuration":
                self._say(200, made.describe())
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*made.token(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
