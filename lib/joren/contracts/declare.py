"""How a table is declared: its name, its key, and each column with type, nulls and bounds.

A column is `name type`; `?` after the type allows nulls, `[low..high]` bounds the values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.schema as sch

MONEY = "decimal(18, 4)"
_TYPES = {
    "string": "string",
    "int": "int64",
    "float": "float64",
    "bool": "boolean",
    "money": MONEY,
    "timestamp": "timestamp(6)",
    "date": "date",
    "strings": "array<string>",
}
_COLUMN = re.compile(
    r"^(?P<name>\w+) (?P<type>\w+)(?P<null>\?)?(?: \[(?P<low>[^.\]]*)\.\.(?P<high>[^\]]*)\])?$"
)


@dataclass(frozen=True)
class Column:
    """One column: its name, Ibis type, whether nulls are allowed, and bounds if any."""

    name: str
    type: str
    nullable: bool
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class TableContract:
    """One table: its reference, the columns that identify a row, and all declared columns.

    A table may carry further columns; it may not lack one declared here.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> list[str]:
        return [column.name for column in self.columns]

    def ibis_schema(self) -> sch.Schema:
        import ibis

        return ibis.schema({column.name: column.type for column in self.columns})


def table(name: str, key: str, block: str) -> TableContract:
    columns = []
    for declaration in " ".join(block.split()).split("; "):
        found = _COLUMN.match(declaration)
        if found is None:
            raise ValueError(f"column of {name} not understood: {declaration!r}")
        bounds = [float(b) if b else None for b in (found["low"], found["high"])]
        columns.append(
            Column(found["name"], _TYPES[found["type"]], found["null"] is not None, *bounds)
        )
    return TableContract(name, tuple(key.split(", ")), tuple(columns))
