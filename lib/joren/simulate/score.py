"""Compares a run with the answer key of the simulated client it was made from.

`python -m joren.simulate.score RUN ANSWER_KEY` prints one table. What the run has no table for is
listed with the reason.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from joren.errors import JorenError
from joren.simulate.exam import Score, open_exam
from joren.simulate.score_effects import score_campaigns, score_routes
from joren.simulate.score_forecast import score_forecast
from joren.simulate.score_identity import score_identity
from joren.simulate.score_points import score_points
from joren.simulate.score_subscriptions import score_subscriptions

__all__ = ["Score", "score", "show"]

_AREAS = (
    score_identity,
    score_points,
    score_forecast,
    score_subscriptions,
    score_campaigns,
    score_routes,
)


def score(run: Path, key: Path) -> list[Score]:
    """Score a run: identity, points, forecasts, churn, subscriptions, campaigns and routes.

    Parameters
    ----------
    run : a run's folder; `tables/*.parquet` are read as the contract describes them
    key : the `answer_key/` folder that `joren simulate` wrote

    Raises
    ------
    InputError if one of the folders holds no table
    """
    exam = open_exam(run, key)
    return [found for area in _AREAS for found in area(exam)]


def show(scores: Sequence[Score]) -> str:
    """The scores as a table of text."""
    head = ("area", "measure", "group", "value", "lower", "upper", "n", "note")
    rows = [head] + [
        (s.area, s.measure, s.group, *map(_figure, (s.value, s.lower, s.upper)), f"{s.n:,}", s.note)
        for s in scores
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = (_line(row, widths) for row in rows)
    return "\n".join(lines)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    left = (cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True))
    right = (cell.rjust(width) for cell, width in zip(row[3:7], widths[3:7], strict=True))
    return "  ".join((*left, *right, row[7])).rstrip()


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def main(arguments: Sequence[str]) -> int:
    """Print the scores of a run; 2 if there is nothing to score."""
    if len(arguments) != 2:
        print("usage: python -m joren.simulate.score RUN ANSWER_KEY", file=sys.stderr)
        return 2
    try:
        print(show(score(*map(Path, arguments))))
    except JorenError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
