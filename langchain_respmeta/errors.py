"""Every error this package raises, as one tree.

RespMetaError
├── RecordError          a stored record cannot be read
├── SettingsError        an argument or RESPMETA_* variable is wrong
├── ProviderError        a provider registration is wrong, or a provider's name is unknown
├── UnreadableAnswer     no reader recognizes an answer
├── HistoryError         reading old runs, or writing what they become, cannot go on
└── MissingExtraError    an optional package is not installed
"""

from __future__ import annotations


class RespMetaError(Exception):
    """Base of all errors of langchain_respmeta."""


class RecordError(RespMetaError, ValueError):
    """A stored record has another version or shape; `field` names the place."""

    def __init__(self, message: str, *, field: str | None = None, schema_version: str | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.schema_version = schema_version


class SettingsError(RespMetaError, ValueError):
    """An argument or environment variable has a value that cannot be used; `setting` names it."""

    def __init__(self, message: str, *, setting: str) -> None:
        super().__init__(message)
        self.setting = setting


class ProviderError(RespMetaError, ValueError):
    """A provider could not be registered; `provider` names it."""

    def __init__(self, message: str, *, provider: str) -> None:
        super().__init__(message)
        self.provider = provider


class UnreadableAnswer(RespMetaError, ValueError):  # noqa: N818 - what it is, not that it is an error
    """No reader recognizes what was given as an answer: nothing is known of it, not even that it was not refused."""


class HistoryError(RespMetaError):
    """Work on old runs cannot go on: a full disk, a worker that died, another program in the same folder."""


class MissingExtraError(RespMetaError, ImportError):
    """An optional package is missing; `extra` is what to install."""

    def __init__(self, purpose: str, *, extra: str, package: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}. Install it with: pip install 'langchain-respmeta[{extra}]'"
        )
        self.extra = extra
        self.package = package
