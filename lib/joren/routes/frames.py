"""Small results as tables of the contract: declared types, also where nothing stands."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pyarrow as pa

from joren.contract import TABLES


def as_table(frame: pd.DataFrame, name: str) -> pa.Table:
    """The frame with the columns and types of a table of the contract.

    Parameters
    ----------
    frame : has the table's columns, or is empty
    name : the table's reference in the contract; of its columns only those declared are kept

    Raises
    ------
    KeyError if the frame has rows but lacks a column
    """
    schema = TABLES[name].ibis_schema().to_pyarrow()
    if frame.empty:
        return schema.empty_table()
    columns = []
    for field in schema:
        values = frame[field.name].astype(object)
        values = values.where(frame[field.name].notna(), None).tolist()
        if pa.types.is_date(field.type):
            values = [_day(value) for value in values]
        columns.append(pa.array(values, type=field.type))
    return pa.table(columns, schema=schema)


def _day(value: object) -> date | None:
    # pandas' own moment is a datetime too, whose time of day a date cannot hold
    return value.date() if isinstance(value, datetime) else value
