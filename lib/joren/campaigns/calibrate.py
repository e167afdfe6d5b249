"""Holds readouts against campaigns whose effect is known: `python -m joren.campaigns.calibrate`.

Each seed is a campaign of its own on customers of its own: they buy at rates that differ between
people, are assigned by lot, and a treatment adds orders at a rate of the customer's stratum, or
none. Both potential outcomes are drawn for everybody, so the true effect on those assigned is
known. From there on all is the product's: one client with all the campaigns goes through audience,
outcomes, sums and readout.

A campaign without effect may be claimed (its interval excludes zero) as often as the interval
allows, and true effects must lie within: both up to what chance does to that many campaigns.

Intervals of segments hold the truth as often as they say on average over the effects that their
prior expects (`tests.stats.calibrate_experiments` draws from it), and not in each world alike.
Effects on a mean are expected to differ between segments by some .3 of that mean. Where they differ
by .08 of it (`ALIKE`), what is drawn together errs less than the interval allows for, and 98 % of
the effects on orders are held; where they differ by .18 (`APART`) it is 89 %, by .42 88 % (100 to
200 campaigns of 800 customers). The variance within segments is not too wide: without what small
segments borrow of it, the first world gives 98 % as well. A prior that expects .1 would hold 92 %
there, and 84 % of the segment that stands out.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import sqrt

import numpy as np
import pyarrow as pa
from ibis.backends.duckdb import Backend

from joren.campaigns.arms import count_arms
from joren.campaigns.audience import assigned_customers, one_arm_each
from joren.campaigns.outcomes import order_facts, outcomes, point_uses, window_table
from joren.campaigns.plan import Plan, house_kpi
from joren.campaigns.readings import readings_of, windows_of
from joren.campaigns.readout import Row, read_out
from joren.campaigns.segments import ALL
from joren.campaigns.statistics import by_cell
from joren.contract import TABLES
from joren.engine import connect

READ = ("response_rate", "orders", "revenue", "margin")
# orders added per customer in the window, by stratum
ALIKE = {"new": 0.12, "repeat": 0.1, "silent": 0.04}
APART = {"new": 0.2, "repeat": 0.1, "silent": 0.0}
NONE = dict.fromkeys(ALIKE, 0.0)
_INTERVAL = 0.9
_MARGIN_RATE = 0.4
_START, _DAYS, _BEFORE = date(2026, 2, 1), 28, 180
_SHARES = {"control": 0.3, "treatment": 0.7}
_LARGEST_Z = 2.6  # a right rule is further off in one of a hundred checks
COVERED = (0.85, 0.95)


@dataclass(frozen=True)
class Share:
    """How many of how many: claims where nothing was done, or intervals that hold the truth.

    what : `claimed`, or `covered` and, where segments differ, `apart`
    """

    what: str
    metric: str
    group: str
    hits: int
    n: int

    @property
    def value(self) -> float:
        return self.hits / self.n

    def is_off(self) -> bool:
        """Whether the share is further from its claim than chance explains."""
        low, high = (1 - _INTERVAL, 1 - _INTERVAL) if self.what == "claimed" else COVERED
        if self.group != ALL and self.what == "claimed":
            low = 0.0  # segments that learn from each other claim less than each alone would
        noise = _LARGEST_Z * sqrt(_INTERVAL * (1 - _INTERVAL) / self.n)
        return not low - noise <= self.value <= high + noise


@dataclass(frozen=True)
class _World:
    """Campaigns and what is true of them: (campaign, segment, metric) → mean effect."""

    plans: list[Plan]
    tables: dict[str, pa.Table]
    truth: dict[tuple[str, str, str], float]


def calibrate(
    seeds: int, customers: int, seed: int, effect: Mapping[str, float] = ALIKE
) -> list[Share]:
    """Read out `seeds` campaigns and count claims (without effect) or coverage (with one).

    Parameters
    ----------
    customers : assigned in each campaign
    seed : of the world
    effect : orders added, of each stratum
    """
    does = any(effect.values())
    world = _simulate(seeds, customers, seed, effect)
    rows = _read(world)
    counted: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for row in rows:
        if row.effect is None or row.effect.absolute.lower is None:
            continue
        low, high = row.effect.absolute.lower, row.effect.absolute.upper
        metric, group = row.reading.metric.id, ALL if row.segment == ALL else "segments"
        true = world.truth[row.reading.campaign_id, row.segment, metric]
        hit = low <= true <= high if does else (low > 0 or high < 0)
        counted[metric, group].append(hit)
    what = "claimed" if not does else "apart" if effect == APART else "covered"
    return [Share(what, *key, sum(hits), len(hits)) for key, hits in sorted(counted.items())]


def _read(world: _World) -> list[Row]:
    con = connect()
    tables = {name: _full(con, name, table) for name, table in world.tables.items()}
    as_of = _START + timedelta(days=_DAYS)
    assigned = assigned_customers(tables["canonical/assignments"], tables["identity_map"]).cache()
    arms = count_arms(assigned, world.plans)
    facts = order_facts(tables["canonical/orders"], tables["identity_map"], _MARGIN_RATE, as_of)
    readings = [r for plan in world.plans for r in readings_of(plan, READ)]
    uses = point_uses(tables["canonical/point_entries"], tables["identity_map"])
    windows = window_table(windows_of(readings))
    found = outcomes(one_arm_each(assigned), windows, facts.cache(), uses, None)
    return read_out(readings, arms, by_cell(found.cache()), as_of, _INTERVAL, READ)


def _full(con: Backend, name: str, table: pa.Table):
    """A table of the engine with all columns of its contract, those not given null."""
    schema = TABLES[name].ibis_schema()
    types = schema.to_pyarrow()
    columns = [
        table[n].cast(types.field(n).type)
        if n in table.column_names
        else pa.nulls(len(table), types.field(n).type)
        for n in schema.names
    ]
    return con.create_table(
        name.replace("/", "_"), pa.table(dict(zip(schema.names, columns, strict=True)))
    )


def _simulate(seeds: int, customers: int, seed: int, effect: Mapping[str, float]) -> _World:
    rng = np.random.default_rng(seed)
    n = seeds * customers
    campaign = np.repeat(np.arange(seeds), customers)
    rate = rng.gamma(0.8, 0.5, n)  # orders in the window, without a campaign
    level = np.exp(rng.normal(8, 0.4, n))  # what a customer usually spends
    before, own = rng.poisson(rate * _BEFORE / _DAYS), rng.poisson(rate)
    strata = np.array(list(effect))
    stratum = np.select([before == 0, before == 1], [2, 0], 1)
    extra = rng.poisson(np.array(list(effect.values()))[stratum])
    treated = rng.random(n) < _SHARES["treatment"]
    who = np.concatenate([np.repeat(np.arange(n), k) for k in (before, own, extra)])
    kind = np.repeat([0, 1, 2], [before.sum(), own.sum(), extra.sum()])
    amount = np.rint(level[who] * np.exp(rng.normal(0, 0.5, len(who)))).astype(np.int32)
    added = np.bincount(who[kind == 2], amount[kind == 2], n)
    truth = _truth(campaign, strata[stratum], own, extra, added)
    real = (kind < 2) | treated[who]
    day = np.where(kind == 0, -rng.integers(1, _BEFORE, len(who)), rng.integers(0, _DAYS, len(who)))
    start = np.datetime64(datetime(_START.year, _START.month, _START.day), "us")
    at = start + day.astype("timedelta64[D]") + np.timedelta64(12, "h")
    ids = np.char.add("c", np.arange(n).astype(str))
    names = np.char.add("S", campaign.astype(str))
    shop = np.full(n, "shop")
    orders = {
        "source": np.full(real.sum(), "shop"),
        "order_id": np.arange(real.sum()).astype(str),
        "source_id": ids[who[real]],
        "ordered_at": at[real],
        "amount": amount[real],
        "status": np.full(real.sum(), "valid"),
    }
    assignments = {
        "source": shop, "campaign_id": names, "source_id": ids, "stratum": strata[stratum],
        "arm": np.where(treated, "treatment", "control"), "assigned_at": np.full(n, start),
    }  # fmt: skip
    tables = {
        "canonical/orders": pa.table(orders),
        "canonical/assignments": pa.table(assignments),
        "canonical/point_entries": pa.table({}),
        "identity_map": pa.table({"source": shop, "source_id": ids, "customer_id": ids}),
    }
    return _World([_plan(f"S{i}") for i in range(seeds)], tables, truth)


def _truth(
    campaign: np.ndarray, stratum: np.ndarray, own: np.ndarray, extra: np.ndarray, added: np.ndarray
) -> dict[tuple[str, str, str], float]:
    """Mean effects on those assigned, of everybody and by stratum."""
    gains = {
        "response_rate": ((own + extra > 0).astype(int) - (own > 0)).astype(float),
        "orders": extra.astype(float),
        "revenue": added,
        "margin": _MARGIN_RATE * added,
    }
    truth = {}
    for i in range(campaign.max() + 1):
        for segment in (ALL, *ALIKE):
            where = (campaign == i) & ((segment == ALL) | (stratum == segment))
            for metric, gain in gains.items():
                truth[f"S{i}", segment, metric] = float(gain[where].mean()) if where.any() else 0.0
    return truth


def _plan(name: str) -> Plan:
    until = _START + timedelta(days=_DAYS)
    return Plan(name, name, "dm", _START, until, (house_kpi(READ[0]),), _SHARES, None, None, 0.0,
                0.0, {}, True)  # fmt: skip


def show(shares: Iterable[Share]) -> str:
    """A line a share."""
    return "\n".join(
        f"{s.what:8} {s.metric:14} {s.group:9} {s.hits:5,} of {s.n:5,} = {s.value:6.1%}"
        f"{'  off' if s.is_off() else ''}"
        for s in shares
    )


def main(arguments: Sequence[str]) -> int:
    """Read out campaigns without and with effect; 1 if claims or coverage are off."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--customers", type=int, default=800)
    given = parser.parse_args(arguments)
    found = calibrate(given.seeds, given.customers, seed=1, effect=NONE)
    found += calibrate(given.seeds, given.customers, seed=2, effect=ALIKE)
    found += calibrate(given.seeds, given.customers, seed=2, effect=APART)
    print(f"{given.seeds} campaigns of {given.customers:,} customers, intervals of {_INTERVAL:.0%}")
    print(show(found), flush=True)
    return int(any(share.is_off() for share in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
