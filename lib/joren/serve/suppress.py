"""Cells too small to be shown to a viewer, and those that would give them away.

A small cell could be worked out from a total and the other cells, so wherever exactly one part of
such a sum is hidden, the smallest of the others is hidden too, until no sum has a single gap.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

Cell = tuple[str, ...]
TOTAL = ""


def hidden_cells(counts: dict[Cell, int], summed: Iterable[int], fewest: int) -> set[Cell]:
    """The cells that may not be shown.

    Parameters
    ----------
    counts : cell (its value in every dimension; `TOTAL` is the sum over one) → customers in it
    summed : the dimensions, by place, that add up to their `TOTAL`
    fewest : a cell of 1 to fewest − 1 customers is small

    Returns
    -------
    the small cells and those hidden for their sake; empty cells are never hidden
    """
    hidden = {cell for cell, count in counts.items() if 0 < count < fewest}
    sums = [members for place in summed for members in _sums(counts, place)]
    changed = True
    while changed:
        changed = False
        for members in sums:
            gaps = [cell for cell in members if cell in hidden]
            rest = [cell for cell in members if cell not in hidden and counts[cell] > 0]
            if len(gaps) == 1 and rest:
                hidden.add(min(rest, key=lambda cell: (cell.count(TOTAL), counts[cell], cell)))
                changed = True
    return hidden


def _sums(counts: dict[Cell, int], place: int) -> list[list[Cell]]:
    """Every sum over one dimension: its parts and its total, where the total is there."""
    lines: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in sorted(counts):
        lines[(*cell[:place], *cell[place + 1 :])].append(cell)
    return [line for line in lines.values() if any(cell[place] == TOTAL for cell in line)]
