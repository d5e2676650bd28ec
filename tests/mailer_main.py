"""The desk's mailer as a process of its own, so that a test can kill it: DATABASE PORT ADDRESSES(json)."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from desk.database import Database
from desk.issuing import Issuing
from desk.mailing import Mailer
from huiyao.districts import load_district
from huiyao.settings import load_settings
from huiyao.wiring import bulletin_rules
from publishers.channels.specs import MailSpec
from publishers.issue_mail import IssueMail


def main() -> None:
    """Run until killed."""
    path, port, addresses = sys.argv[1:]
    issuing = Issuing(Database(Path(path)), bulletin_rules(load_district(load_settings().district_dir)))
    spec = MailSpec(
        kind="mail", name="mail", host="127.0.0.1", port=int(port), tls="none", sender="信息部 <info@zg.example>",
        timeout_s=30,
    )  # fmt: skip
    known = json.loads(addresses)
    asyncio.run(Mailer(issuing.mailings, issuing, IssueMail(spec, lambda: known)).run())


if __name__ == "__main__":
    main()
