"""Every table that crosses a border, by name, and how a table is held against its contract.

Names and keys are fixed: other people's scripts rely on them. Canonical tables (what ingest
writes) are named `canonical/<table>`, clear personal data `restricted/<table>`, output tables by
their bare name; `contracts/` declares them, one module a stage.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from joren.contracts import (
    actions,
    canonical,
    experiments,
    identity,
    ingest,
    lists,
    ltv,
    points,
    report,
    routes,
    segments,
)
from joren.contracts.declare import MONEY, Column, TableContract
from joren.errors import ContractError

if TYPE_CHECKING:
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir

__all__ = ["CANONICAL", "MONEY", "TABLES", "Column", "TableContract", "check_columns", "validate"]

_ROOMS = (
    canonical, ingest, identity, points, routes, ltv, segments, experiments, lists, actions,
    report,
)  # fmt: skip
TABLES: dict[str, TableContract] = {table.name: table for room in _ROOMS for table in room.TABLES}
CANONICAL: dict[str, TableContract] = {
    table.name.removeprefix("canonical/"): table for table in canonical.TABLES
}


@cache
def _pandera_schema(name: str):
    import ibis.expr.datatypes as dt
    import pandera.ibis as pa

    columns = {}
    for column in TABLES[name].columns:
        checks = []
        if column.low is not None:
            checks.append(pa.Check.ge(column.low))
        if column.high is not None:
            checks.append(pa.Check.le(column.high))
        dtype = dt.dtype(column.type)
        # pandera's Ibis backend knows no array type
        columns[column.name] = pa.Column(
            None if dtype.is_array() else dtype, checks, nullable=column.nullable
        )
    return pa.DataFrameSchema(columns)


def check_columns(table: ir.Table, name: str) -> None:
    """Hold a table's column names against its contract; cheap, nothing is computed.

    Raises
    ------
    ContractError naming every column it lacks
    """
    contract = TABLES.get(name)
    if contract is None:
        return
    missing = [column for column in contract.column_names if column not in table.columns]
    if missing:
        raise ContractError(
            f"table {name} lacks {', '.join(missing)}", name, "write every column of contract.py"
        )


def validate(table: ir.Table, name: str) -> None:
    """Hold a table against its contract, in the engine.

    Parameters
    ----------
    table : the table, an Ibis expression
    name : its reference in `TABLES`; a name that is not there passes

    Raises
    ------
    ContractError naming every column at fault; values are never printed (they may be personal)
    """
    contract = TABLES.get(name)
    if contract is None:
        return
    import pandera.errors

    check_columns(table, name)
    schema = table.schema()
    wrong = [
        f"{column.name}: {column.type}"
        for column in contract.columns
        if not _is_of_type(schema[column.name], column.type)
    ]
    if wrong:
        raise ContractError(f"table {name} breaks its contract: {', '.join(wrong)}", name)
    if table.count().execute() == 0:
        return
    try:
        _pandera_schema(name).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        faults = sorted({f"{e.schema.name or name}: {_fault(e)}" for e in errors.schema_errors})
        raise ContractError(
            f"table {name} breaks its contract: {'; '.join(faults)}", name
        ) from None
    repeated = table.group_by(list(contract.key)).agg(rows=table.count())
    n_repeated = repeated.filter(repeated.rows > 1).count().execute()
    if n_repeated:
        raise ContractError(
            f"table {name} has {n_repeated:,} repeated keys", f"{name}: {', '.join(contract.key)}"
        )


def _is_of_type(held: dt.DataType, declared: str) -> bool:
    import ibis.expr.datatypes as dt

    wanted = dt.dtype(declared)
    if wanted.is_array():
        return held.is_array()
    return held.copy(nullable=True) == wanted


def _fault(error) -> str:
    check = error.check if isinstance(error.check, str) else getattr(error.check, "error", None)
    return str(check or error.reason_code)
