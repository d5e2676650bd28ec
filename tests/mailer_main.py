"""The desk's mailer as a process of its own, so that a test can kill it: DATABASE PORT ADDRESSES(json) [GATEWAY]."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from desk.database import Database
from desk.issuing import Issuing
from desk.mailing import Mailer
from huiyao.districts import load_district
from huiyao.rules import bulletin_rules
from huiyao.settings import load_settings
from publishers.channels.gateway import HttpGateway
from publishers.channels.specs import HttpSpec, MailSpec
from publishers.issue_mail import IssueMail
from publishers.issue_message import IssueMessages, IssuePost


def main() -> None:
    """Run until killed."""
    path, port, addresses, *gateway = sys.argv[1:]
    issuing = Issuing(Database(Path(path)), bulletin_rules(load_district(load_settings().district_dir)))
    spec = MailSpec(
        kind="mail", name="mail", host="127.0.0.1", port=int(port), tls="none", sender="信息部 <info@zg.example>",
        timeout_s=30,
    )  # fmt: skip
    known = json.loads(addresses)
    sms = {name: HttpGateway(_sms(base)) for name, base in zip(["sms"], gateway, strict=False)}
    messages = IssueMessages(sms, lambda: {who: {"sms": one} for who, one in known.items()}, page="http://desk")
    asyncio.run(Mailer(issuing.mailings, issuing, IssuePost(IssueMail(spec, lambda: known), messages)).run())


def _sms(base: str) -> HttpSpec:
    body = {"to": "{address}", "text": "{short}", "id": "{id}"}
    return HttpSpec(kind="sms", name="sms", url=base, body=body, timeout_s=30)


if __name__ == "__main__":
    main()
