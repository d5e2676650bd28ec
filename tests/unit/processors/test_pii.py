"""Personal data: what is found, what stays readable, and that masks keep the length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.pii import find_pii, luhn, mask, valid_id_card
from schemas.vocab import Lane

FOUND = [
    ("电话13812345678联系", "phone", "13812345678"),
    ("手机号：138 1234 5678", "phone", "138 1234 5678"),
    ("请打+86-138-1234-5678", "phone", "+86-138-1234-5678"),
    ("家里座机0797-8123456", "phone", "0797-8123456"),
    ("身份证360702199001011234", "id_card", "360702199001011234"),
    ("车牌赣B12345闯红灯", "plate", "赣B12345"),
    ("新能源车赣B·D12345", "plate", "赣B·D12345"),
    ("卡号6222021234567890128", "bank_card", "6222021234567890128"),
    ("邮箱abc@qq.com", "email", "abc@qq.com"),
    ("微信号 zhang_123", "account", "zhang_123"),
    ("@张三丰 你好", "account", "@张三丰"),
    ("我叫李明，住这里", "name", "李明"),
    ("家住水南花园12栋1单元803", "address", "家住水南花园12栋1单元803"),
]
NOT_FOUND = [
    "咨询电话：0797-8123456",
    "投诉请打12345或119",
    "邮箱zgxx@ganzhou.gov.cn",
    "投资12000000元",
    "订单号202611201234567",
    "@赣州发布 说得对",
    "2026-11-20 08:00至2026-11-21 18:00",
    "编号赣B级，豫章路",
    "家长高兴地说，业主方面没有意见",
]


@pytest.mark.parametrize(("text", "kind", "span"), FOUND)
def test_personal_data_is_found_in_posts(text: str, kind: str, span: str) -> None:
    assert (kind, span) in [(found.kind, text[found.start : found.end]) for found in find_pii(text, Lane.OPINION)]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_public_numbers_and_figures_stay(text: str) -> None:
    assert find_pii(text, Lane.OPINION) == []


def test_reports_keep_names_of_officials_but_not_phones() -> None:
    kinds = [span.kind for span in find_pii("联系人：王明，13812345678", Lane.REPORT)]
    assert kinds == ["phone"]


@given(st.text(alphabet="电话1380赣B ab@.，号李明", max_size=60))
def test_masks_keep_the_length_and_touch_nothing_else(text: str) -> None:
    masked = mask(text, find_pii(text, Lane.OPINION))
    assert len(masked) == len(text)
    assert all(a in (b, "*") for a, b in zip(masked, text, strict=True))


def test_check_digits() -> None:
    assert valid_id_card("11010519491231002X")  # the example number of GB 11643
    assert not valid_id_card("110105194912310021")
    assert luhn("79927398713")  # the example number of ISO/IEC 7812 texts
    assert not luhn("79927398710")
