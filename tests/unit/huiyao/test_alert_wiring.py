"""The district's alert rules as they are wired: the shipped file, secrets, contacts, and what reaches whom."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from huiyao import alerting
from huiyao.cli.checking import checks
from huiyao.districts import load_district
from huiyao.secrets import secret_file
from huiyao.settings import Settings, load_settings
from schemas.errors import DeliveryError, DistrictError, SettingsError
from tests.items import at

SECRETS = {
    "sms.url": "http://127.0.0.1:9/sms", "sms.key": "k", "sms.reports": "http://127.0.0.1:9/r",
    "mail.host": "127.0.0.1", "mail.username": "u", "mail.password": "p", "mail.sender": "a@b.example",
}  # fmt: skip


def settings(tmp_path: Path, **changes: object) -> Settings:
    return load_settings(data_dir=str(tmp_path / "data"), **changes)


def with_secrets(tmp_path: Path) -> Settings:
    given = settings(tmp_path)
    directory = given.data_dir / "secrets" / "channels"
    directory.mkdir(parents=True)
    for name, value in SECRETS.items():
        (directory / name).write_text(f"{value}\n", "utf-8")
    contacts = '["值班员"]\nsms = "1001"\n["副班"]\nmail = "x@b.example"\n'
    (given.data_dir / "secrets" / "contacts.toml").write_text(contacts, "utf-8")
    return given


def test_starters_agree_on_a_secret_and_none_reads_half_of_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        read = list(pool.map(lambda n: secret_file(tmp_path, "ack.key", f"{n}" * 1000).read_text(), range(16)))
    assert len({*read}) == 1
    assert len(read[0]) >= 1000
    (kept,) = (tmp_path / "secrets").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_the_secret_of_webhooks_is_there_before_the_first_call(tmp_path: Path) -> None:
    given = settings(tmp_path)
    alerting.web_hook(given)
    assert (given.data_dir / "secrets" / "webhook.key").read_text().startswith("whsec_")


async def test_channels_whose_secrets_are_there_are_set_up_and_the_others_are_not(tmp_path: Path) -> None:
    given = with_secrets(tmp_path)
    folder = load_district(given.district_dir)
    channels = alerting.personal_channels(given, folder)
    assert [one.name for one in channels] == ["log", "sms", "mail"]
    rules = alerting.alert_rules(folder, ["log"], [one.name for one in channels])
    assert rules is not None
    assert rules.usable(rules.persons["值班员"].channels) == ("sms", "mail")
    assert rules.chain(at()) == (("值班员",), ("副班",), ("带班领导",))
    assert list(rules.policy.leaders_at_once) == ["I", "II", "III", "undecided"]
    for one in channels:
        await one.close()


def test_a_bare_installation_reaches_people_through_the_log(tmp_path: Path) -> None:
    given = settings(tmp_path)
    folder = load_district(given.district_dir)
    rules = alerting.alert_rules(folder, ["log"], [one.name for one in alerting.personal_channels(given, folder)])
    assert rules is not None
    assert rules.usable(rules.persons["值班员"].channels) == ("log",)


def test_check_names_who_can_be_reached_by_nothing_but_the_log(tmp_path: Path) -> None:
    bare = next(one for one in checks(settings(tmp_path / "a")) if one.name == "预警")
    hint = "（渠道和联系方式见 docs/operations.md）"
    assert bare.seen == f"可用渠道 log，值班链中只能写入日志的有 值班员、副班、带班领导{hint}"
    some = next(one for one in checks(with_secrets(tmp_path / "b")) if one.name == "预警")
    assert "log、sms、mail" in some.seen
    assert some.seen.endswith(f"只能写入日志的有 带班领导{hint}")


def test_a_wrong_alert_file_stops_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "district"
    shutil.copytree(load_settings().district_dir, folder)
    (folder / "alerts.toml").write_text('[policy]\nleaders = ["谁"]\n', "utf-8")
    with pytest.raises(DistrictError, match="谁"):
        alerting.alert_rules(load_district(folder), (), ())
    (folder / "alerts.toml").unlink()
    assert alerting.alert_rules(load_district(folder), (), ()) is None


def test_contacts_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    wrong = tmp_path / "contacts.toml"
    wrong.write_text("= 1", "utf-8")
    with pytest.raises(SettingsError, match=r"contacts\.toml"):
        alerting.contacts(settings(tmp_path, alerts={"contacts_file": str(wrong)}))


@pytest.mark.parametrize(("url", "fine"), [("https://x.example/h", True), ("http://127.0.0.1:9/h", True),
                                           ("http://169.254.169.254/latest", False)])  # fmt: skip
def test_a_subscriber_cannot_make_us_call_into_the_network_in_clear(tmp_path: Path, url: str, fine: bool) -> None:
    hook = alerting.web_hook(settings(tmp_path))
    if fine:
        assert hook(url).name == url
    else:
        with pytest.raises(DeliveryError, match="https"):
            hook(url)
