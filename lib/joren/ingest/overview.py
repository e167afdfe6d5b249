"""What a page says of all sources together: a row each, who bought, whether totals add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis.expr.types as ir

if TYPE_CHECKING:
    from joren.ingest.totals import Compared


@dataclass(frozen=True)
class Bought:
    """Orders, and how many of them are of members and of guests; the rest name nobody."""

    orders: int
    members: int
    guests: int

    @property
    def nobody(self) -> int:
        return self.orders - self.members - self.guests


@dataclass(frozen=True)
class Held:
    """Orders whose stated figures were held against what they should add up to."""

    orders: int
    failing: int

    @property
    def agreeing(self) -> float:
        """Share of the orders that add up; there must be orders."""
        return 1 - self.failing / self.orders


def by_source(coverage: ir.Table) -> ir.Table:
    """Rows by source: files, rows_in, accepted, quarantined, duplicate, first, last.

    Repetitions are among the quarantined rows. A file that gives several tables counts once;
    `rows_in` counts the records of each table.
    """
    return (
        coverage.group_by("source")
        .agg(
            files=coverage.file.nunique(),
            rows_in=coverage.rows_in.sum(),
            accepted=coverage.rows_accepted.sum(),
            quarantined=coverage.rows_quarantined.sum(),
            duplicate=coverage.rows_duplicate.sum(),
            first=coverage.first_at.min(),
            last=coverage.last_at.max(),
        )
        .order_by("source")
    )


def who_bought(orders: ir.Table) -> Bought:
    """Count canonical orders by what is known of the buyer."""
    guest = orders.source_id.startswith("guest:").fill_null(False)
    row = orders.agg(
        orders=orders.count(),
        members=(orders.source_id.notnull() & ~guest).sum().fill_null(0),
        guests=guest.sum().fill_null(0),
    )
    return Bought(**row.to_pyarrow().to_pylist()[0])


def totals_held(compared: Iterable[Compared]) -> dict[str, Held]:
    """By check (`lines`, `sum`), over all sources: orders compared, and how many fail."""
    found: dict[str, Held] = {}
    for one in compared:
        before = found.get(one.check, Held(0, 0))
        found[one.check] = Held(before.orders + one.orders, before.failing + one.failing)
    return {check: held for check, held in found.items() if held.orders}
