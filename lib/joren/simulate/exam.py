"""A run beside an answer key: their tables in one engine, and the scores that come of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from joren import engine
from joren.errors import InputError
from joren.ltv.accuracy import Measure

DEFAULT_INTERVAL = 0.9


@dataclass(frozen=True)
class Score:
    """One figure about a run; `value` is None where `note` says why there is none."""

    area: str
    measure: str
    group: str
    value: float | None
    lower: float | None = None
    upper: float | None = None
    n: int = 0
    note: str = ""


@dataclass(frozen=True)
class Exam:
    """Tables of a run as views `run_<table>`, of the key as `key_<table>` (`/` becomes `_`)."""

    con: Backend
    record: dict
    views: frozenset[str] = field(default_factory=frozenset)

    def lacks(self, *views: str) -> str:
        """Why scores that need these views cannot be given; empty where they can."""
        names = {"run": "the run has no table", "key": "the answer key has no table"}
        missing = [view.split("_", 1) for view in views if view not in self.views]
        return "; ".join(f"{names[side]} {name}" for side, name in missing)

    @property
    def interval(self) -> float:
        """The probability of the run's intervals."""
        return float(self.record.get("parameters", {}).get("interval", DEFAULT_INTERVAL))

    @property
    def as_of(self) -> date | None:
        """The last day the run saw, if its record says so."""
        written = self.record.get("as_of")
        return date.fromisoformat(written) if written else None

    def parameter(self, section: str, name: str, default: float) -> float:
        """A number of the run's parameters."""
        return float(self.record.get("parameters", {}).get(section, {}).get(name, default))

    def row(self, query: str) -> dict:
        """The one row of a query."""
        return self.rows(query)[0]

    def rows(self, query: str) -> list[dict]:
        """All rows of a query; for a few."""
        return self.con.raw_sql(query).to_arrow_table().to_pylist()

    def table(self, name: str, query: str) -> ir.Table:
        """Materialise a query as a temporary table."""
        self.con.raw_sql(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
        return self.con.table(name)


def open_exam(run: Path, key: Path) -> Exam:
    """Put a run's tables beside those of an answer key.

    Parameters
    ----------
    run : a run's folder (with `tables/`; `run.json` is read if it is there)
    key : an `answer_key/` folder

    Raises
    ------
    InputError if one of the folders holds no table
    """
    con, views = engine.connect(), set()
    for side, folder in (("run", run / "tables"), ("key", key)):
        files = sorted(folder.rglob("*.parquet"))
        if not files:
            raise InputError(
                "there is no table to score", str(folder), "name a run's folder and an answer key"
            )
        for path in files:
            name = "_".join((side, *path.relative_to(folder).with_suffix("").parts))
            quoted = str(path).replace("'", "''")
            con.raw_sql(f"CREATE VIEW {name} AS FROM read_parquet('{quoted}')")
            views.add(name)
    record = run / "run.json"
    facts = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    return Exam(con, facts, frozenset(views))


def scored(area: str, measure: str, group: str, found: Measure, note: str = "") -> Score:
    """A measure as a score; not a number becomes none."""
    value = None if found.value != found.value else found.value
    return Score(area, measure, group, value, found.lower, found.upper, found.n, note)


def skipped(area: str, reason: str) -> list[Score]:
    """The score of an area that cannot be scored."""
    return [Score(area, "not scored", "all", None, note=reason)]
