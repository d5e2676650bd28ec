"""Who people are and what they may do. Rights belong to roles; a page asks for a right, never for a role."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from schemas.errors import FieldError, InvalidItem


class Role(StrEnum):
    """What a person does in the office."""

    REPORTER = "reporter"
    EDITOR = "editor"
    DUTY = "duty"
    LEADER = "leader"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return {
            "reporter": "报送员",
            "editor": "编辑",
            "duty": "值班员",
            "leader": "领导",
            "supervisor": "督查员",
            "admin": "管理员",
        }[self.value]


class Right(StrEnum):
    """What may be done. ``READ``: everything of the office; without it a person sees the own department's items."""

    READ = "read"
    FILE = "file"
    EDIT = "edit"
    WATCH = "watch"
    """Answer alerts and incidents."""
    SIGN = "sign"
    """Sign bulletins; bulletins.toml says who of those signs which (ADR 053)."""
    APPRAISE = "appraise"
    """See cases and everybody's points, and decide on them; never a department."""
    LEAD = "lead"
    """See the leader's page."""
    INSTRUCT = "instruct"
    """Give instructions (批示) and take the own ones back."""
    REGISTER = "register"
    """Enter instructions that came from city, province or above, and take the own entries back."""
    SUPERVISE = "supervise"
    """Watch over instructions: remind, check, close."""
    ANSWER = "answer"
    """Answer the instructions to the own department; see no others."""
    ADMINISTER = "administer"


_RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.REPORTER: frozenset({Right.FILE, Right.ANSWER}),
    Role.EDITOR: frozenset(
        {Right.READ, Right.FILE, Right.EDIT, Right.WATCH, Right.SIGN, Right.APPRAISE, Right.REGISTER}
    ),
    Role.DUTY: frozenset({Right.READ, Right.FILE, Right.WATCH, Right.REGISTER}),
    Role.LEADER: frozenset(
        {Right.READ, Right.WATCH, Right.SIGN, Right.LEAD, Right.INSTRUCT, Right.SUPERVISE, Right.REGISTER}
    ),
    Role.SUPERVISOR: frozenset({Right.READ, Right.SUPERVISE, Right.APPRAISE, Right.REGISTER}),
    # Whoever keeps the machine does not speak for leaders or departments.
    Role.ADMIN: frozenset(Right) - {Right.INSTRUCT, Right.ANSWER, Right.REGISTER},
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person (or a program with a key). ``department``: the id of a reporter's department; ``expired``: the one-time
    password was not changed in time, so an administrator has to reset it."""

    name: str
    role: Role
    display: str = ""
    department: str | None = None
    must_change: bool = False
    disabled: bool = False
    expired: bool = False

    @property
    def shown(self) -> str:
        """What pages call the person."""
        return self.display or self.name

    def may(self, right: Right) -> bool:
        """Whether the role has the right."""
        return right in _RIGHTS[self.role]


LEAST_LENGTH = 10
"""Characters of a password (NIST SP 800-63B asks for 8 and no rules of composition)."""
MOST_LENGTH = 200
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this password")
"""Checked for unknown names, so that the time of an answer does not tell whether a name exists."""


_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"
"""Signs of one-time passwords: none looks or sounds like another when it is read out or copied from a screen."""
_GROUPS, _GROUP = 3, 5


def once() -> str:
    """A password for once, 74 bits: ``k7mpw-2xqtd-hf9ra``."""
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(_GROUP)) for _ in range(_GROUPS))


def hash_password(password: str) -> str:
    """Argon2id with the library's parameters, salt inside."""
    return _HASHER.hash(password)


def password_fits(password: str, kept: str | None) -> bool:
    """Whether a password belongs to a kept hash; takes as long where there is none."""
    try:
        return _HASHER.verify(kept or _NOBODY, password) and kept is not None
    except (Argon2Error, InvalidHashError):
        return False


def check_password(password: str, name: str) -> None:
    """Refuse what can be guessed. Raises InvalidItem."""
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        text, said = f"{LEAST_LENGTH} to {MOST_LENGTH} characters", f"密码应为{LEAST_LENGTH}至{MOST_LENGTH}个字符"
    elif name.casefold() in password.casefold() or len(set(password)) < LEAST_LENGTH // 2:
        text = "too easy to guess; no account name, no repeated characters"
        said = "密码过于简单：不要含账号名，不要重复同几个字符"
    else:
        return
    raise InvalidItem([FieldError("password", text, said)])
