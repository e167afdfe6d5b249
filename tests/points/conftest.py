"""A point ledger from a few short rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pytest
from tests.points.handmade import SCHEMA, day

from joren.engine import connect, keep
from joren.params import Points
from joren.points.ledger import Ledger, keep_ledger


@pytest.fixture(scope="session")
def ledger_of() -> Callable[..., Ledger]:
    con = connect()

    def keep_rows(rows: Iterable[dict[str, Any]], as_of: float, **rules: Any) -> Ledger:
        entries = keep(con, "rows", pa.Table.from_pylist(list(rows), schema=SCHEMA))
        return keep_ledger(con, entries, Points(**rules), day(as_of))

    return keep_rows
