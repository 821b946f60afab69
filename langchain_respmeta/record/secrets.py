"""Keys, tokens and passwords: the last net before something is stored or sent, not the first.

A secret is known by its shape (how vendors' keys begin, JWT, PEM), by its place in an address (the part before `@`,
parameters such as `sig`), or by the name that it stands under (`client_secret`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import orjson

__all__ = [
    "find_head",
    "holds_head",
    "is_secret_name",
    "text_without_secrets",
    "texts_without_secrets",
    "url_without_secrets",
    "value_without_secrets",
    "without_secrets",
]

_HEADS: Final = (
    "sk-", "gsk_", "hf_", "xai-", "pplx-", "lsv2_", "ghp_", "gho_", "github_pat_", "AKIA", "ASIA", "AIza",
    "xoxa-", "xoxb-", "xoxp-", "xoxr-", "eyJhbGciOi",
)  # fmt: skip
"""How keys and tokens of vendors begin. A search for these is many times faster than one for the whole pattern."""

_REMOVED: Final = "[secret removed]"
_SHORTEST: Final = 15
"""The shortest head and the least that must follow it."""

_KEYS: Final = re.compile(
    rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, _HEADS))})[A-Za-z0-9_\-.=+/~]{{12,}}"
    r"|\bey[JI][A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?"
    r"|\b(?i:basic) +[A-Za-z0-9+/]{12,}={0,2}"
    r"|(?<![A-Za-z0-9])(?i:bearer) +[A-Za-z0-9_\-.=+/~]{12,}"
)
_PEM: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_USERINFO: Final = re.compile(r"(?<=://)[^/?#\s\"'<>@]*(?:@[^/?#\s\"'<>@]+)*@(?=[^\s/?#@])")
_NAME: Final = r"[A-Za-z0-9_.\-]{1,64}"
_PARAMETER: Final = re.compile(rf"(?<=[?&;#])({_NAME}(?:%5[BbDd]|[\[\]])*)=")
_PARAMETERS_VALUE: Final = re.compile(r"[^&;#\s\"'<>]+")
_PERCENT: Final = "%(?:25){0,4}"
"""`%`, or the same encoded again: `%25`."""
_ENCODED: Final = re.compile(rf"(?i:{_PERCENT}(?:3f|26|3b|23))({_NAME}){_PERCENT}3[Dd]")
_ENCODEDS_VALUE: Final = re.compile(rf"(?:(?!{_PERCENT}(?:26|3[Bb]|23))[^&;#\s\"'<>])+")
_ENCODED_USERINFO: Final = re.compile(
    rf"(?i)({_PERCENT}3a{_PERCENT}2f{_PERCENT}2f)(?:(?!{_PERCENT}(?:2f|3f|23))[^/?#&\s\"'<>])*{_PERCENT}40"
)
"""An address within an address: `?next=https%3A%2F%2F…%3Fsig%3D…`."""

_ASSIGNED: Final = re.compile(rf"(?<![A-Za-z0-9_.\-?&;#])({_NAME})[\"']?\s?[=:]\s?[\"']?")
_ASSIGNEDS_VALUE: Final = re.compile(r"[^\s\"'<>&;,\[\]{}()]{6,}")
"""`api_key=…` and `"password": "…"` in an error's words."""

_SECRET_PARTS: Final = frozenset(
    {
        "apikey", "accesskey", "secretkey", "privatekey", "signingkey", "authkey", "subscriptionkey", "masterkey",
        "encryptionkey", "accountkey", "sharedkey", "sessionkey", "licensekey", "functionskey", "hostkey",
        "authorization", "password", "passwd", "passphrase", "pwd", "cookie", "cookies", "setcookie", "secret",
        "secrets", "credential", "credentials", "signature", "jwt", "bearer",
        "accesstoken", "refreshtoken", "idtoken", "authtoken", "bearertoken", "sessiontoken", "securitytoken",
        "apitoken", "secrettoken", "usertoken", "csrftoken", "xsrftoken", "oauthtoken", "clienttoken", "bottoken",
    }
)  # fmt: skip
"""A name that holds one of these, its words joined, stands over a secret."""

_SECRET_NAMES: Final = frozenset({"token", "auth", "xauth", "proxyauth", "otp", "pin", "sas"})
"""The same where it is the whole name."""

_SECRET_PARAMETERS: Final = _SECRET_NAMES | {
    "key", "code", "sig", "sign", "signed", "hmac", "session", "sessionid", "sid", "ticket", "state", "nonce",
    "awsaccesskeyid", "xamzcredential", "googleaccessid", "xgoogcredential", "policy", "keypairid", "hdnea", "hdnts",
    "sastoken", "assertion", "clientassertion", "tempauth", "tok",
}  # fmt: skip
"""Parameters of an address; outside an address `code` and `key` name other things."""

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_COUNTED: Final = frozenset(
    {"tokens", "count", "counts", "size", "bytes", "length", "usage", "limit", "type", "details"}
)
"""`token_count` and `secret_length` tell how many, not what."""


@lru_cache(maxsize=4096)
def _is_secret_word(name: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(name)]
    if not words or not _COUNTED.isdisjoint(words):
        return False
    joined = "".join(words)
    if joined in _SECRET_NAMES:
        return True
    runs = {
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + 4, len(words) + 1))
    }
    return (
        not runs.isdisjoint(_SECRET_PARTS)
        or joined in _SECRET_PARTS
        or (len(words) > 1 and words[-1] == "token")
    )


@lru_cache(maxsize=4096)
def _is_secret_parameter(name: str) -> bool:
    return (
        _is_secret_word(name) or "".join(word.lower() for word in _WORDS.findall(name)) in _SECRET_PARAMETERS
    )


_LONGEST_NAME: Final = 128


def is_secret_name(name: str) -> bool:
    """Whether what stands under `name` is a key, token or password whatever it looks like."""
    return len(name) <= _LONGEST_NAME and _is_secret_word(name)


def url_without_secrets(text: str) -> str:
    """Addresses in `text` without userinfo and without the values of parameters that let somebody in."""
    if "://" in text:
        text = _USERINFO.sub("", text)
    if "=" in text:
        text = _without_values(text, _PARAMETER, _PARAMETERS_VALUE, _is_secret_parameter)
    if "%3" in text or "%25" in text:
        text = _ENCODED_USERINFO.sub(r"\1", text)
        text = _without_values(text, _ENCODED, _ENCODEDS_VALUE, _is_secret_parameter)
    return text


def _without_values(
    text: str, names: re.Pattern[str], values: re.Pattern[str], is_secret: Callable[[str], bool]
) -> str:
    """`text` without what follows each secret name; what follows another one may itself hold names."""
    kept: list[str] = []
    at = 0
    for name in names.finditer(text):
        if name.start() < at or not is_secret(name[1]):
            continue
        if value := values.match(text, name.end()):
            kept += (text[at : name.end()], _REMOVED)
            at = value.end()
    return "".join((*kept, text[at:])) if at else text


def text_without_secrets(text: str) -> str:
    """`text` without what looks like a key, and without what addresses or assignments in it give away."""
    if _may_assign(text):
        text = _without_values(url_without_secrets(text), _ASSIGNED, _ASSIGNEDS_VALUE, _is_secret_word)
    if "-----BEGIN" in text:
        text = _PEM.sub(_REMOVED, text)
    return _KEYS.sub(_REMOVED, text) if len(text) >= _SHORTEST and _may_hold_key(text) else text


def _may_assign(text: str) -> bool:
    return "=" in text or ":" in text or "%3" in text or "%25" in text


def _may_hold_key(text: str) -> bool:
    """Whether `_KEYS` might match; a search for less tells that of most texts many times faster."""
    return (
        holds_head(text)
        or ("ey" in text and "." in text)
        or (" " in text and _SCHEME.search(text) is not None)
    )


def holds_head(text: str) -> bool:
    """Whether `text` holds the beginning of a key; a text of letters, digits, `-` and `_` alone has no secret without one."""
    return find_head(text) is not None


find_head: Final = re.compile("|".join(map(re.escape, _HEADS))).search
"""None of a text that holds no beginning of a key."""
_SCHEME: Final = re.compile(r"(?i:basic|bearer) ")


def texts_without_secrets(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same for the texts among `fields`."""
    return {
        name: text_without_secrets(value) if value.__class__ is str else value
        for name, value in fields.items()
    }


def value_without_secrets(value: Any) -> Any:
    """The same for JSON data; under a secret's name each text and number is one, however deep it stands."""
    if isinstance(value, str):
        return text_without_secrets(value)
    if isinstance(value, dict):
        return {
            text_without_secrets(name): _removed(item)
            if is_secret_name(name)
            else value_without_secrets(item)
            for name, item in value.items()
        }
    return [value_without_secrets(item) for item in value] if isinstance(value, list) else value


def _removed(value: Any) -> Any:
    if isinstance(value, dict):
        return {text_without_secrets(name): _removed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_removed(item) for item in value]
    return value if value is None or isinstance(value, bool) or value == "" else _REMOVED


def without_secrets(text: bytes) -> bytes:
    """JSON `text` without secrets."""
    return orjson.dumps(value_without_secrets(orjson.loads(text)))
