"""A kind of file as one client uses it: without the tables left out, with the client's mappings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from joren.ingest.carts import Cart, CartFile, lacking_columns
from joren.ingest.inputs import TableInput
from joren.ingest.kinds import Buyer, Kind, Projection, Totals
from joren.ingest.recognise import Slot
from joren.ingest.rules import Cell, Condition, Const, Mentions, OneOf, Rule, Word, parts


@dataclass(frozen=True)
class Adapted:
    """What the files of one kind are to give.

    Parameters
    ----------
    kind : the kind as its format describes it
    files : (index among the cart's files, file), in order
    tables : canonical table → its projections; `orders` among them where the kind has it
    given_by : canonical table → the indices of the files that have what its key columns need
    inputs : canonical table → the input that typing goes by: source and the words still unmapped
    """

    kind: Kind
    files: tuple[tuple[int, CartFile], ...]
    tables: Mapping[str, tuple[Projection, ...]]
    given_by: Mapping[str, frozenset[int]]
    inputs: Mapping[str, TableInput]
    buyer: Buyer | None
    totals: Totals | None

    @property
    def main(self) -> str:
        """The table under which rows that make no record are accounted for."""
        return self.kind.main if self.kind.main in self.tables else next(iter(self.tables))

    def slots(self) -> list[Slot]:
        """Every cell that some rule rests on, each once, in a stable order."""
        cells = {(cell.header, cell.occurrence) for one in self._resting() for cell in one.cells()}
        return sorted(cells)

    def compared(self) -> frozenset[Slot]:
        """The cells that some rule compares with words."""
        comparing = [
            part.rule
            for one in self._resting()
            for part in parts(one)
            if isinstance(part, Word | OneOf | Mentions)
        ]
        return frozenset((c.header, c.occurrence) for rule in comparing for c in rule.cells())

    def _resting(self) -> list[Projection | Buyer | Totals]:
        described = [p for many in self.tables.values() for p in many]
        return described + [part for part in (self.buyer, self.totals) if part is not None]

    def has(self, rule: Rule) -> bool:
        """Whether any of the files has something that the rule can be made from."""
        cells = list(rule.cells())
        return not cells or any(
            file.position((cell.header, cell.occurrence)) is not None
            for cell in cells
            for _, file in self.files
        )


def adapt(cart: Cart, files: Sequence[CartFile]) -> Adapted:
    """Adapt the kind of some files of a cart to the client's parameters.

    Parameters
    ----------
    cart : the source
    files : those of its files that are of one kind, at least one
    """
    kind = files[0].kind
    index = {one.file: n for n, one in enumerate(cart.files)}
    entries = {table: entry for file in files for table, entry in file.entries.items()}
    described = {} if kind.orders is None else {"orders": (kind.orders,)}
    described |= {t: tuple(many) for t, many in kind.tables.items()}
    tables, given_by, inputs = {}, {}, {}
    for table, projections in described.items():
        if table in cart.without:
            continue
        able = frozenset(
            index[file.file]
            for file in files
            if not any(lacking_columns(file, table, one) for one in projections)
        )
        if not able:
            continue
        entry = entries.get(table)
        given_by[table] = able
        tables[table] = tuple(
            replace(one, columns=_columns(one.columns, entry)) for one in projections
        )
        inputs[table] = _input(cart.source, table, entry, [one.columns for one in projections])
    buyer = _buyer(kind, cart, entries) if "orders" in tables else None
    if buyer is not None:
        inputs.setdefault("customers", _input(cart.source, "customers", entries.get("customers")))
    return Adapted(
        kind,
        tuple((index[file.file], file) for file in files),
        tables,
        given_by,
        inputs,
        buyer,
        kind.totals if "orders" in tables else None,
    )


def _columns(columns: Mapping[str, Rule], entry: TableInput | None) -> dict[str, Rule]:
    if entry is None:
        return dict(columns)
    adapted = {name: _with_words(rule, _words(entry, name)) for name, rule in columns.items()}
    adapted |= {name: Cell(header) for name, header in entry.columns.items()}
    return adapted | {name: Const(value) for name, value in entry.constants.items()}


def _buyer(kind: Kind, cart: Cart, entries: Mapping[str, TableInput]) -> Buyer | None:
    if kind.buyer is None:
        return None
    described = kind.buyer.columns if kind.buyer.identifying else {}
    wanted = described and "customers" not in cart.without
    columns = _columns(described, entries.get("customers")) if wanted else {}
    return replace(kind.buyer, columns=columns)


def _input(
    source: str,
    table: str,
    entry: TableInput | None,
    described: Sequence[Mapping[str, Rule]] = (),
) -> TableInput:
    if entry is None:
        return TableInput(source, table, ())
    translated = {
        name for columns in described for name, rule in columns.items() if _has_word(rule)
    }
    left = {
        name: _words(entry, name)
        for name in {*entry.words, *(["status"] if entry.status else [])}
        if name not in translated or name in entry.columns
    }
    return TableInput(source, table, (), columns=entry.columns, words=left)


def _words(entry: TableInput, column: str) -> dict[str, str]:
    own = dict(entry.words.get(column, {}))
    return own | dict(entry.status) if column == "status" else own


def _with_words(rule: Any, words: Mapping[str, str]) -> Any:
    """The rule, in whose vocabularies the client's words come before the format's."""
    if not words:
        return rule
    if isinstance(rule, Word):
        return Word(rule.rule, {**rule.meanings, **words})
    if isinstance(rule, tuple):
        return tuple(_with_words(part, words) for part in rule)
    if isinstance(rule, Rule | Condition) and is_dataclass(rule):
        inner = {f.name: _with_words(getattr(rule, f.name), words) for f in fields(rule)}
        return replace(rule, **inner)
    return rule


def _has_word(rule: Rule) -> bool:
    return any(isinstance(part, Word) for part in parts(rule))
