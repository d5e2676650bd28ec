"""OpenID Connect as a way in: the provider's side of it. Code flow with PKCE, state and nonce (ADR 064).

Whose account a person at the provider has is decided in :mod:`desk.outside`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from desk.accounts import Role
from schemas.connections import safe_address

DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "PS384", "ES384", "RS512", "PS512", "ES512")
"""Signatures by a key that only the provider has; never ``none`` nor one made with our own secret."""
DEFAULT_LABEL = "统一身份认证"
LEEWAY_S = 60
KEPT_S = 600.0
"""How long the provider's description is believed on the way back; its keys are asked for at every login."""
TIMEOUT_S = 10.0
ANSWER_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OidcRules:
    """One provider. ``redirect_url``: the desk's ``/oidc/back`` as browsers reach it; ``claim``: what names the person.

    ``create_role``: people without an account get one of this role (reporters of the department in
    ``department_claim``); None: they are turned away. ``label``: what the way in is called on the login page.
    """

    issuer: str
    client_id: str
    redirect_url: str
    client_secret: str = ""
    claim: str = "preferred_username"
    scopes: str = "openid profile"
    label: str = DEFAULT_LABEL
    create_role: Role | None = None
    department_claim: str = ""
    ca_file: Path | None = None


class Advice(StrEnum):
    """What a person can do who was not let in."""

    AGAIN = "没有通过统一身份认证，请重试；仍不行请用账号和密码登录。"
    NO_ACCOUNT = "您在这里还没有对应的账号，请联系管理员开通。管理员本人请用密码登录，并在“账号”里填写自己的标识。"
    CLOSED = "您在这里的账号已停用，请联系管理员。"
    AWAY = "统一身份认证暂时没有应答，请用账号和密码登录，或稍后再试。"


class OidcRefused(Exception):
    """The provider's word does not hold. ``reason`` is for the log, ``recorded`` (Chinese) for the audit, neither for
    the person, who reads ``advice``."""

    def __init__(self, reason: str, recorded: str, advice: Advice = Advice.AGAIN) -> None:
        super().__init__(reason)
        self.reason, self.recorded, self.advice = reason, recorded, advice


class OidcAway(Exception):
    """The provider does not answer, or not in a way that makes sense."""


def challenge_of(verifier: str) -> str:
    """What the provider learns of the verifier before it sees it (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Provider:
    """Talks to the provider. Raises OidcAway where it cannot be reached, OidcRefused where its word does not hold."""

    def __init__(self, rules: OidcRules) -> None:
        self.rules = rules
        self._known: tuple[float, Mapping[str, str]] | None = None

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to log in. The provider is asked each time: to one that is away nobody is sent."""
        described = await self._described(anew=True)
        asked = {
            "response_type": "code", "client_id": self.rules.client_id, "redirect_uri": self.rules.redirect_url,
            "scope": self.rules.scopes, "state": state, "nonce": nonce, "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }  # fmt: skip
        where = described["authorization_endpoint"]
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(asked)}"

    async def claims(self, code: str, verifier: str, nonce: str) -> Mapping[str, Any]:
        """Who the person is, for the code that the browser brought back."""
        described = await self._described()
        given = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.rules.redirect_url,
            "client_id": self.rules.client_id, "code_verifier": verifier,
        }  # fmt: skip
        secret = self.rules.client_secret
        auth = httpx.BasicAuth(self.rules.client_id, secret) if secret else None
        answer = await self._ask("POST", described["token_endpoint"], data=given, auth=auth)
        token = answer.get("id_token")
        if not isinstance(token, str):
            error = str(answer.get("error", ""))[:100]
            raise OidcRefused(f"no id_token: {error}", f"对方没有给出身份令牌 {error}".rstrip())
        keys = await self._ask("GET", described["jwks_uri"])
        return self._checked(token, keys, nonce)

    def _checked(self, token: str, keys: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
        """Signature, issuer, audience, times and nonce (OpenID Connect Core 3.1.3.7)."""
        wanted = jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self.rules.issuer},
            aud={"essential": True, "value": self.rules.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            known = KeySet.import_key_set({"keys": [one for one in keys["keys"] if one.get("use", "sig") == "sig"]})
            claims = jwt.decode(token, known, algorithms=list(ALGORITHMS)).claims
            wanted.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"{type(error).__name__}: {str(error)[:100]}"
            raise OidcRefused(f"id_token: {why}", f"身份令牌无效（{why}）") from error
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if claims["nonce"] != nonce or (len(audiences) > 1 and claims.get("azp") != self.rules.client_id):
            raise OidcRefused("id_token: nonce or authorized party is another's", "身份令牌是给另一次登录或另一系统的")
        return claims

    async def check(self) -> None:
        """Ask it who it is, as a login would. Raises OidcAway, OidcRefused."""
        await self._described(anew=True)

    async def _described(self, *, anew: bool = False) -> Mapping[str, str]:
        if anew or self._known is None or time.monotonic() - self._known[0] > KEPT_S:
            found = await self._ask("GET", self.rules.issuer.rstrip("/") + DISCOVERY)
            if found.get("issuer") != self.rules.issuer:
                name = str(found.get("issuer"))[:100]
                raise OidcRefused(f"the provider calls itself {name!r}", f"对方自称 {name}，与设置的 ISSUER 不同")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not safe_address(str(found.get(name, ""))):
                    raise OidcRefused(f"{name} is not https", f"对方的 {name} 不是 https 地址")
            self._known = (time.monotonic(), found)
        return self._known[1]

    async def _ask(self, method: str, url: str, **more: Any) -> Mapping[str, Any]:
        """A JSON object; errors of the token endpoint are objects too (RFC 6749, 5.2)."""
        verify = ssl.create_default_context(cafile=str(self.rules.ca_file)) if self.rules.ca_file else True
        headers = {"Accept": "application/json"}
        auth = more.pop("auth", None)
        try:
            async with (
                httpx.AsyncClient(verify=verify, timeout=TIMEOUT_S, auth=auth, trust_env=False) as client,
                client.stream(method, url, headers=headers, **more) as answer,
            ):
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > ANSWER_LIMIT:
                        raise OidcAway("the provider's answer has no end")
            found = json.loads(body)
        except (httpx.HTTPError, ValueError, OSError) as error:
            raise OidcAway(f"{urlsplit(url).netloc}: {type(error).__name__}") from error
        if not isinstance(found, dict) or answer.status_code >= 500:
            raise OidcAway(f"{urlsplit(url).netloc}: status {answer.status_code}")
        return found
