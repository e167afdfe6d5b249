"""The small tables behind the dashboard's filters: counts and sums by month, channel and segment.

They are made once a run, in straight DuckDB as the rest of the site is (see `site`), from the
run's open tables. A viewer's have no cell of fewer than five customers, nor one it follows from.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joren.serve.roles import FEWEST, sees_people
from joren.serve.suppress import hidden_cells

# upper bounds of the classes of expected value, in the client's currency
VALUE_CLASSES = (0, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000)
_BOUNDS = ", ".join(map(str, VALUE_CLASSES))
_SEGMENT = "(select customer_id, segment from segments where preset = 'joren')"


@dataclass(frozen=True)
class Cube:
    """One table of aggregates.

    Parameters
    ----------
    name : of its file
    needs, may_use : tables of the run without which there is none; tables that add to it
    query : may name the views of `needs` and `may_use`; an absent one is an empty view
    keys : columns that name a cell; '' is the sum over one
    summed : keys whose cells add up to their ''
    measures : what is hidden with a small cell, besides `customers`
    """

    name: str
    needs: tuple[str, ...]
    query: str
    keys: tuple[str, ...]
    may_use: tuple[str, ...] = ()
    summed: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


CUBES = (
    Cube(
        "activity",
        (),
        f"""
        with bought as (
            select month, customer_id, channel, store, orders, value from purchase_places
            union all
            -- runs made before there was such a table know no stores
            select date_trunc('month', "at"), customer_id, channel, null, 1, value
            from route_steps
            where kind = 'order' and not exists (select 1 from purchase_places)
        )
        select strftime(month, '%Y-%m') as month,
            coalesce(channel, '') as channel, coalesce(store, '') as store,
            coalesce(segment, '') as segment, count(distinct customer_id) as customers,
            sum(orders)::bigint as orders, coalesce(sum(value), 0)::decimal(18, 4) as value
        from (
            select month, customer_id, coalesce(channel, 'unknown') as channel,
                coalesce(store, 'none') as store, coalesce(of_segment.segment, 'none') as segment,
                orders, value
            from bought left join {_SEGMENT} as of_segment using (customer_id)
        )
        group by month, cube (channel, store, segment)
        """,
        ("month", "channel", "store", "segment"),
        ("purchase_places", "route_steps", "segments"),
        ("channel", "store", "segment"),
        ("orders", "value"),
    ),
    Cube(
        "stock",
        ("segment_history",),
        """
        with bounds as (
            select min(valid_from) as first, max(greatest(valid_from, coalesce(valid_to - 1,
                valid_from))) as last from segment_history
        ), days as (
            select distinct least(last_day(month), last) as "on" from bounds,
                unnest(generate_series(date_trunc('month', first)::timestamp, last::timestamp,
                    interval 1 month)) as months(month)
        )
        select strftime("on", '%Y-%m-%d') as "on", preset, coalesce(segment, '') as segment,
            count(distinct customer_id) as customers
        from segment_history join days
            on valid_from <= "on" and (valid_to is null or valid_to > "on")
        group by grouping sets (("on", preset), ("on", preset, segment))
        """,
        ("on", "preset", "segment"),
        summed=("segment",),
    ),
    Cube(
        "moves",
        ("segment_transitions",),
        """
        select preset, comparison, coalesce(from_segment, '') as from_segment,
            coalesce(to_segment, '') as to_segment, sum(customers)::bigint as customers,
            strftime(min(from_on), '%Y-%m-%d') as from_on, strftime(max(to_on), '%Y-%m-%d') as to_on
        from (
            select * replace (coalesce(from_segment, 'none') as from_segment)
            from segment_transitions
        )
        group by grouping sets (
            (preset, comparison, from_segment, to_segment), (preset, comparison, from_segment),
            (preset, comparison, to_segment), (preset, comparison)
        )
        """,
        ("preset", "comparison", "from_segment", "to_segment"),
        summed=("from_segment", "to_segment"),
    ),
    Cube(
        "worth",
        ("ltv",),
        f"""
        select coalesce(class::varchar, '') as class, coalesce(segment, '') as segment,
            coalesce(first_channel, '') as channel, count(*) as customers,
            sum(ltv_365d) as ltv, sum(past_value)::decimal(18, 4) as past
        from (
            select len(list_filter([{_BOUNDS}], lambda bound: bound < ltv_365d)) as class,
                coalesce(of_segment.segment, 'none') as segment,
                coalesce(first_channel, 'unknown') as first_channel, ltv_365d,
                ltv.past_value
            from ltv left join {_SEGMENT} as of_segment using (customer_id)
            left join purchase_summary using (customer_id)
        )
        group by cube (class, segment, first_channel)
        """,
        ("class", "segment", "channel"),
        ("segments", "purchase_summary"),
        ("class", "segment", "channel"),
        ("ltv", "past"),
    ),
    Cube(
        "expiry",
        ("expiry_cliff",),
        """
        select grain, coalesce(strftime(starts_on, '%Y-%m-%d'), '') as starts_on,
            sum(customers)::bigint as customers, sum(points)::bigint as points from expiry_cliff
        group by grouping sets ((grain, starts_on), (grain))
        """,
        ("grain", "starts_on"),
        summed=("starts_on",),
        measures=("points",),
    ),
    Cube(
        "routes",
        ("route_counts",),
        """
        select group_name, source_touchpoint as source, target_touchpoint as target, customers,
            transitions, probability, median_hours from route_counts
        qualify row_number() over (
            partition by group_name order by transitions desc, source_touchpoint, target_touchpoint
        ) <= 60
        """,
        ("group_name", "source", "target"),
        measures=("transitions", "probability", "median_hours"),
    ),
    Cube(
        "effects",
        (),
        """
        select distinct on (campaign_id, arm, metric, segment) campaign_id, arm, metric, segment,
            least(n, n_control) as customers, n, n_control, effect, lower, upper, grade
        from (select * from experiment_readout union all by name select * from point_campaigns)
        """,
        ("campaign_id", "arm", "metric", "segment"),
        ("experiment_readout", "point_campaigns"),
        measures=("effect", "lower", "upper", "n", "n_control"),
    ),
    Cube(
        "watch",
        ("subscription_churn",),
        """
        select coalesce(class, '') as class, count(*) as customers, sum(p_end_90d) as ends
        from (
            select least(floor(p_end_90d * 10), 9)::int::varchar as class, p_end_90d
            from subscription_churn
        )
        group by cube (class)
        """,
        ("class",),
        summed=("class",),
        measures=("ends",),
    ),
)
# what queries name of tables that may be absent, or lack a column
_READOUT = {
    "campaign_id": "varchar", "arm": "varchar", "metric": "varchar", "segment": "varchar",
    "n": "bigint", "n_control": "bigint", "effect": "double", "lower": "double",
    "upper": "double", "grade": "varchar",
}  # fmt: skip
_OPTIONAL = {
    "purchase_places": {
        "customer_id": "varchar",
        "month": "date",
        "channel": "varchar",
        "store": "varchar",
        "orders": "bigint",
        "value": "decimal(18, 4)",
    },
    "route_steps": {
        "customer_id": "varchar",
        "at": "timestamp",
        "kind": "varchar",
        "channel": "varchar",
        "value": "decimal(18, 4)",
    },
    "segments": {"customer_id": "varchar", "preset": "varchar", "segment": "varchar"},
    "purchase_summary": {"customer_id": "varchar", "first_channel": "varchar"},
    "experiment_readout": _READOUT,
    "point_campaigns": _READOUT,
}


def build(tables: Path, folder: Path, role: str) -> list[str]:
    """Write `<name>.parquet` of every cube this run has the tables for.

    Parameters
    ----------
    tables : the run's open tables
    folder : the site's folder of this run
    role : whose folder; a viewer's small cells are hidden (null)

    Returns
    -------
    the names of the cubes there are
    """
    import duckdb

    made = []
    for cube in CUBES:
        with duckdb.connect(config={"threads": 1}) as connection:
            if not _views(connection, cube, tables):
                continue
            connection.execute(f"create table cube as {cube.query}")
            if connection.sql("select 1 from cube limit 1").fetchall() == []:
                continue
            if not sees_people(role):
                _hide(connection, cube)
            keys = ", ".join(f'"{key}"' for key in cube.keys)
            ordered = connection.sql(f"select * from cube order by {keys}")
            ordered.write_parquet(str(folder / f"{cube.name}.parquet"))
        made.append(cube.name)
    return made


def _views(connection: Any, cube: Cube, tables: Path) -> bool:
    there = {name: (tables / f"{name}.parquet").is_file() for name in (*cube.needs, *cube.may_use)}
    if not all(there[name] for name in cube.needs) or not any(there.values()):
        return False
    for name, exists in there.items():
        table = connection.read_parquet(str(tables / f"{name}.parquet")) if exists else None
        columns = _OPTIONAL.get(name)
        if columns is None:
            table.create_view(name)
            continue
        held = set(table.columns) if exists else set()
        chosen = ", ".join(
            f'"{column}"::{kind} as "{column}"' if column in held else f'null::{kind} as "{column}"'
            for column, kind in columns.items()
        )
        source = f"from read_parquet($${tables / f'{name}.parquet'}$$)" if exists else "limit 0"
        connection.execute(f"create view {name} as select {chosen} {source}")
    return True


def _hide(connection: Any, cube: Cube) -> None:
    keys = ", ".join(f'"{key}"' for key in cube.keys)
    cells = connection.sql(f"select {keys}, customers from cube").fetchall()
    counts = {tuple(map(str, cell[:-1])): cell[-1] for cell in cells}
    places = [cube.keys.index(key) for key in cube.summed]
    found = sorted(hidden_cells(counts, places, FEWEST))
    if not found:
        return
    columns = ", ".join(f'"{key}" varchar' for key in cube.keys)
    connection.execute(f"create table hidden ({columns})")
    connection.executemany(f"insert into hidden values ({', '.join('?' * len(cube.keys))})", found)
    same = " and ".join(f'cube."{key}" = hidden."{key}"' for key in cube.keys)
    nothing = ", ".join(f"{name} = null" for name in ("customers", *cube.measures))
    connection.execute(f"update cube set {nothing} from hidden where {same}")
