"""Tables compiled into a tree, and the one walk that reads a provider's data through it.

The walk visits what the provider sent: its cost grows with the data, and it finds every key that no cell knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from langchain_respmeta.providers.engine.cells import AS_IT_IS, Cell, Cells, Unreadable
from langchain_respmeta.providers.engine.scratch import ReadDraft
from langchain_respmeta.record.bounds import INT64, MORE, Budget, key_text
from langchain_respmeta.record.draft import CountKey
from langchain_respmeta.record.plain import as_mapping, json_safe, plain_copy, writable

_Leaf: TypeAlias = "tuple[str, Callable[[Any], Any], int, type | None]"
Tree: TypeAlias = "dict[str, _Leaf | Tree]"

_SET, _EXTEND, _KEEP, _IGNORE, _SPARE = range(5)
_MODES: Final = {"set": _SET, "extend": _EXTEND, "keep": _KEEP, "ignore": _IGNORE}


def compile_cells(cells: Cells) -> Tree:
    """The tree of a table. A path may not be both a value and the way to others, except as `path.*`-less leaf."""
    tree: Tree = {}
    for path, cell in cells.items():
        *way, last = path.split(".")
        node = tree
        for step in way:
            child = node.setdefault(step, {})
            if not isinstance(child, dict):
                raise TypeError(f"{path}: {step} is already a value in this table")
            node = child
        if last in node:
            raise TypeError(f"{path} stands in the table twice, as a value and as a way")
        node[last] = _leaf(cell)
    return tree


def _leaf(cell: Cell) -> _Leaf:
    return cell.to, cell.read, _SPARE if cell.spare else _MODES[cell.mode], AS_IT_IS.get(cell.read)


def walk(data: Mapping[Any, Any], tree: Tree, draft: dict[str, Any], leftovers: Leftovers) -> None:
    """Read every value of `data` that the tree knows into `draft`; hand the rest to `leftovers`.

    The draft is a plain dict here: a cell's destination is data. A test compares all of them with the draft's keys.
    """
    for key, value in data.items():
        if value is None:
            continue
        node = tree.get(key)
        if node is None:
            leftovers.unknown(key, value)
        elif isinstance(node, dict):
            _descend(key, value, node, draft, leftovers)
        elif node[2] != _SET:
            _walk_beside(key, value, node, draft, leftovers)
        elif node[0] not in draft:
            kind = value.__class__
            if kind is node[3] and (value if kind is str else 0 <= value < INT64):
                draft[node[0]] = value
                continue
            try:
                found = node[1](value)
            except Exception as fault:  # noqa: BLE001 - one value that no reader foresaw costs that value alone
                leftovers.unreadable(key, value, node[0], _expected(fault))
                continue
            if found is not None:
                draft[node[0]] = found


def _walk_beside(
    key: object, value: object, leaf: _Leaf, draft: dict[str, Any], leftovers: Leftovers
) -> None:
    """Read a leaf that does not set a single value."""
    to, read, mode, _ = leaf
    if mode == _IGNORE:
        return
    if mode == _KEEP:
        leftovers.keep(key, value)
        return
    try:
        found = read(value)
    except Exception as fault:  # noqa: BLE001 - see `walk`
        leftovers.unreadable(key, value, to, _expected(fault))
        return
    if mode == _SPARE:
        if found is not None:
            leftovers.spares.setdefault(to, found)
    elif found:
        draft.setdefault(to, []).extend(found)


def _expected(fault: Exception) -> str:
    return str(fault) if isinstance(fault, Unreadable) else f"what can be read ({type(fault).__name__})"


def _descend(key: str, value: object, tree: Tree, draft: dict[str, Any], leftovers: Leftovers) -> None:
    mapping = value if type(value) is dict else as_mapping(value)
    if mapping is None:
        leftovers.unreadable(key, value, "", "an object")
        return
    leftovers.path.append(key)
    walk(mapping, tree, draft, leftovers)
    leftovers.path.pop()


def drop_zeros(draft: ReadDraft, names: Iterable[CountKey]) -> None:
    """Remove counts of 0 that an integration fills in where the provider reported none."""
    for name in names:
        if draft.get(name) == 0:
            draft.pop(name)


class Leftovers:
    """Values without a field: kept in `provider_data`, and listed in `unmapped` where no table knows them."""

    __slots__ = ("budget", "data", "path", "spares", "unmapped", "warnings")

    def __init__(self, *, is_plain: bool = False) -> None:
        self.budget = None if is_plain else Budget()
        """What may still be kept of this answer; None where all of it may (see `Answer.is_plain`)."""
        self.path: list[str] = []
        self.spares: dict[str, Any] = {}
        """Values that are used only where no other path had one."""
        self.data: dict[str, Any] = {}
        self.unmapped: list[str] = []
        self.warnings: list[str] = []

    def keep(self, key: object, value: object) -> None:
        """Keep a known value without a field."""
        if self.budget is not None and not self.budget.take_value():
            self.data[MORE] = "<more entries left out>"
            return
        place: dict[str, Any] = self.data
        for step in self.path:
            inner: Any = place.get(step)
            if inner.__class__ is not dict:
                inner = place[step] = {} if inner is None else {"": inner}
            place = inner
        place[writable(key if type(key) is str else key_text(key))] = self._safe(value)

    def keep_in_list(self, name: str, value: object) -> None:
        """Append an item under a name of ours, which the provider's data may use already."""
        kept = self.data.get(name)
        if not isinstance(kept, list):
            kept = self.data[name] = [] if kept is None else [kept]
        kept.append(self._safe(value))

    def _safe(self, value: object) -> Any:
        return plain_copy(value) if self.budget is None else json_safe(value, self.budget)

    def unknown(self, key: object, value: object) -> None:
        """Keep a value and list its unknown path: the provider or the integration changed something."""
        self.keep(key, value)
        self.unmapped.append(self._name(key))

    def unreadable(self, key: object, value: object, to: str, expected: str) -> None:
        """Keep a known value that is not of its field's kind, and warn."""
        self.keep(key, value)
        place = f" for {to}" if to else ""
        self.warnings.append(f"{self._name(key)}: expected {expected}{place}, got {type(value).__name__}")

    def _name(self, key: object) -> str:
        return ".".join((*self.path, key if type(key) is str else key_text(key)))
