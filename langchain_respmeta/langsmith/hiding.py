"""Find out whether a client that sends a run hides or masks anything: then only scalars from a fixed list are sent."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from langchain_respmeta._process.warn_once import warn_once

if TYPE_CHECKING:
    from langsmith.run_trees import RunTree

logger: Final = logging.getLogger("langchain_respmeta")

HIDING: Final = (
    "_hide_inputs",
    "_hide_outputs",
    "_hide_metadata",
    "_anonymizer",
    "_process_buffered_run_ops",
)
"""Attributes with which a client hides, masks or rewrites runs."""

_OFF: Final = (None, False)
_USUAL: Final = (False, False, False, None, None)
"""What a client has that hides nothing: most do."""
_switches: Final = attrgetter(*HIDING)


def hides(tree: RunTree) -> bool:
    """Whether a client that sends the run hides or masks anything."""
    # A run without a client of its own is sent by the process's client, which the property returns.
    own = tree.ls_client
    if client_hides(tree.client if own is None else own):
        return True
    copies = getattr(tree, "replicas", None)
    if not copies:
        return False
    others = [copy.get("client") for copy in copies if isinstance(copy, Mapping)]
    return any(client_hides(client) for client in others if client is not None)


def client_hides(client: Any) -> bool:
    """Whether a client hides or masks anything. True also where it is unknown: a client without these attributes may hide with others."""
    try:
        found = _switches(client)
    except AttributeError:
        _warn_of_unknown(type(client))
        return True
    return found != _USUAL and any([value not in _OFF for value in found])  # noqa: C419 - a list is the faster one


def _warn_of_unknown(kind: type[Any]) -> None:
    """Once for each kind of client."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    warn_once(
        logger,
        ("client", name),
        "%s does not say whether it hides anything, so everything counts as hidden: runs get the flat keys only, "
        "feedback no comments. Run `respmeta doctor` for details.",
        name,
    )


def check_class(kind: type[Any]) -> None:
    """Warn at once of clients that no longer have these attributes.

    A class shows them where they are slots; without slots only an instance does.
    """
    if "__slots__" in vars(kind) and not all(hasattr(kind, name) for name in HIDING):
        _warn_of_unknown(kind)
