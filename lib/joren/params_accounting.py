"""Parameters of the reconciliation to accounting: where the client's own totals stand."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from joren.params_section import Days, Section


class Accounting(Section):
    """A CSV of `month, figure, amount` and, where totals are by source, `source`.

    `tolerance` is what rounding may differ by; `cut_off_days` is how far around a month's end
    accounting may have drawn the line.
    """

    path: str | None = None
    tolerance: Annotated[Decimal, Field(ge=0)] = Decimal(1)
    cut_off_days: Days = 1
