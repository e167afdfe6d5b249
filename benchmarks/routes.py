"""How fast edges are counted and credit is solved, beside other packages, with equal counts.

    python benchmarks/routes.py --events 1000000 --scratch DIR
    python benchmarks/routes.py --events 10000000 --scratch DIR --graph-peers PYTHON,PYTHON \
        --attribution-peer PYTHON

Made-up events of customers who differ lie in Parquet files under the scratch folder. Every
measurement is a process of its own that reads them, so that its peak of memory is its own. Peers
(pm4py, retentioneering, ChannelAttribution) are under licences that this project does not import;
each runs in an environment of its own whose interpreter is named, and only its counts come back.
A peer that is not there, or fails, is said to be so.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

TOUCHPOINTS = 20
CHUNK = 10_000_000
MAX_ORDER = 3
PEERS = {
    "pm4py": """
import pandas as pd, pm4py
from pm4py.algo.discovery.dfg.adapters.pandas import df_statistics
frame = pd.read_parquet(FOLDER)
begun = time.perf_counter()
frame = frame.rename(columns={"customer_id": "case:concept:name", "touchpoint": "concept:name",
                              "at": "time:timestamp"})
frame["case:concept:name"] = frame["case:concept:name"].astype("string")
frame = pm4py.format_dataframe(frame, case_id="case:concept:name", activity_key="concept:name",
                               timestamp_key="time:timestamp")
found, starts, ends = pm4py.discover_dfg(frame)
seconds = time.perf_counter() - begun
edges = {f"{a}>{b}": int(n) for (a, b), n in dict(found).items()}
""",
    "retentioneering": """
import pandas as pd
from retentioneering.eventstream import Eventstream
frame = pd.read_parquet(FOLDER).drop(columns="converted")
begun = time.perf_counter()
stream = Eventstream(frame.rename(columns={"customer_id": "user_id", "touchpoint": "event",
                                           "at": "timestamp"}))
matrix = stream.transition_graph_data(edge_weight="count")
seconds = time.perf_counter() - begun
edges = {f"{a}>{b}": int(matrix.loc[a, b]) for a in matrix.index for b in matrix.columns
         if matrix.loc[a, b] and not a.startswith("path_") and not b.startswith("path_")}
""",
    "ChannelAttribution": """
import pandas as pd
import ChannelAttribution
frame = pd.read_parquet(FOLDER)
begun = time.perf_counter()
frame = frame.sort_values(["customer_id", "at"], kind="stable")
paths = frame.groupby("customer_id", sort=False).touchpoint.agg(" > ".join)
won = frame.groupby("customer_id", sort=False).converted.max()
data = pd.DataFrame({"path": paths, "conv": won, "null": 1 - won})
data = data.groupby("path", as_index=False).sum()
effects = {}
for order in range(1, 4):
    found = ChannelAttribution.markov_model(data, "path", "conv", var_null="null", order=order,
                                            out_more=True, verbose=False, flg_pro=False)
    table = found["removal_effects"]
    effects[str(order)] = dict(zip(table.iloc[:, 0], table.iloc[:, 1].astype(float)))
seconds = time.perf_counter() - begun
edges = effects
""",
}
_PEER = """
import json, resource, sys, time
FOLDER = sys.argv[1]
{body}
used = resource.getrusage(resource.RUSAGE_SELF)
print("RESULT" + json.dumps({{"seconds": seconds, "processor": used.ru_utime + used.ru_stime,
                              "megabytes": used.ru_maxrss / 1024, "found": edges}}))
"""


def main() -> None:
    """Make the events, measure every part in a process of its own, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--scratch", type=Path, required=True, help="folder for the events")
    parser.add_argument("--graph-peers", default="", help="pm4py=PYTHON,retentioneering=PYTHON")
    parser.add_argument("--attribution-peer", default="", help="ChannelAttribution=PYTHON")
    parser.add_argument("--memory-gb", type=float, default=1.0, help="what the engine may take")
    parser.add_argument("--log", type=Path, help="Parquet of case_id, seq, event, ts: count it too")
    parser.add_argument("--only", choices=["graph", "attribution"])
    given = parser.parse_args()
    if given.only:
        measure = graph if given.only == "graph" else attribution
        print("RESULT" + json.dumps(measure(given.scratch, given.memory_gb)))
        return
    if given.log:
        count_log(given.log)
    folder = given.scratch / f"events_{given.events}"
    if not folder.is_dir():
        make_events(folder, given.events)
    for part, peers in (("graph", given.graph_peers), ("attribution", given.attribution_peer)):
        ours = _run([sys.executable, __file__, "--only", part, "--scratch", str(folder),
                     "--memory-gb", str(given.memory_gb)])  # fmt: skip
        _say(f"joren, {part}", ours)
        for peer in filter(None, peers.split(",")):
            name, _sep, interpreter = peer.partition("=")
            theirs = _run([interpreter, "-c", _PEER.format(body=PEERS[name]), str(folder)])
            _compare(name, part, ours, theirs)


def make_events(folder: Path, events: int) -> None:
    """Events of customers with tastes of their own, ten each on average, in chunks."""
    from joren.engine import connect

    folder.mkdir(parents=True)
    con = connect()
    for chunk, begin in enumerate(range(0, events, CHUNK)):
        size = min(CHUNK, events - begin)
        con.raw_sql(f"""
            COPY (
                SELECT 'C' || lpad(customer_id::VARCHAR, 9, '0') AS customer_id, "at", touchpoint,
                    (hash(customer_id, 'won') % 10 < 3)::BIGINT AS converted
                FROM (
                    SELECT {begin} // 10 + (hash(i, {chunk}, 'who') % {max(size // 10, 1)})::BIGINT
                            AS customer_id,
                        TIMESTAMP '2024-01-01' + to_seconds((hash(i, {chunk}, 'when')
                            % 63072000)::BIGINT) + to_microseconds(i % 1000000) AS "at",
                        'touchpoint ' || lpad((1 + floor({TOUCHPOINTS} * pow(
                            (hash(i, {chunk}, 'what') % 1000000) / 1e6,
                            1 + hash(customer_id) % 3)))::INT::VARCHAR, 2, '0') AS touchpoint
                    FROM range({size}) r(i)
                ) ORDER BY hash("at")
            ) TO '{folder / f"{chunk:03d}.parquet"}' (FORMAT PARQUET, COMPRESSION ZSTD)
        """)


def graph(folder: Path, memory_gb: float) -> dict:
    """The product's own functions, from files of events to the edge table."""
    from joren.engine import connect
    from joren.routes.edges import edge_counts, end_code_of, named, transitions

    begun = time.perf_counter()
    con = connect(memory_gb=memory_gb)
    ordered = _ordered(con, folder)
    end = end_code_of(ordered.steps)
    pairs = transitions(ordered.steps, end)
    edges = named(edge_counts(pairs), ordered.codes, end).to_pandas()
    seconds = time.perf_counter() - begun
    inner = edges[edges.median_hours.notna()]
    found = {
        f"{row.source_touchpoint}>{row.target_touchpoint}": int(row.transitions)
        for row in inner.itertuples()
    }
    return _result(seconds, found)


def count_log(log: Path) -> None:
    """Edges of an event log from elsewhere, held to its events."""
    from ibis import _

    from joren.engine import connect
    from joren.routes.edges import check_sums, edge_counts, end_code_of, transitions
    from joren.routes.steps import coded_steps, extent

    events = connect().read_parquet(str(log))
    given = events.select(
        customer_id=_.case_id, at=_.ts.cast("timestamp"), rank=_.seq * 0, seq=_.seq,
        tie=_.case_id, touchpoint=_.event,
    )  # fmt: skip
    steps = coded_steps(given).cache()
    found, end = extent(steps), end_code_of(steps)
    counts = edge_counts(transitions(steps, end)).cache()
    check_sums(counts, int(events.count().to_pyarrow().as_py()), found.customers, end)
    between = counts.filter((_.source > 0) & (_.target < end)).count().to_pyarrow().as_py()
    print(
        f"{log.name}: {found.steps} events of {found.customers} cases, "
        f"{found.tie_share:.1%} tied, {between} edges between events; sums hold"
    )


def attribution(folder: Path, memory_gb: float) -> dict:
    """Exact chains of orders 1 to 3, from files of events to removal effects."""
    from ibis import _

    from joren.engine import connect
    from joren.routes.attribution import attribute
    from joren.routes.chain import count, memories
    from joren.routes.steps import names_of

    begun = time.perf_counter()
    con = connect(memory_gb=memory_gb)
    ordered = _ordered(con, folder)
    steps, names = ordered.steps, names_of(ordered.codes)
    touches = steps.mutate(
        customer_id=_.customer, journey=steps.step * 0, place=_.step,
        null=1 - _.converted, open=_.converted * 0, value=_.converted.cast("decimal(18, 4)"),
    )  # fmt: skip
    remembered = memories(touches, len(names), MAX_ORDER).cache()  # read twice, as in the notebook
    counts = count(remembered, len(names), MAX_ORDER)
    found = {}
    for order in range(1, MAX_ORDER + 1):
        effect = attribute(counts.at_order(order)).effect
        found[str(order)] = {names[code]: float(effect[code - 1]) for code in names}
    return _result(time.perf_counter() - begun, found)


def _ordered(con, folder: Path):
    import ibis

    from joren.routes.steps import in_order

    events = con.read_parquet(str(folder / "*.parquet"))
    zero = ibis.literal(0, "int64")
    return in_order(events.mutate(rank=zero, seq=zero, tie=ibis.literal("")))


def _result(seconds: float, found: dict) -> dict:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {"seconds": seconds, "processor": used.ru_utime + used.ru_stime, "megabytes": peak}
    return told | {"found": found}


def _run(command: list[str]) -> dict:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if not lines:
        error = done.stderr.strip().splitlines()
        return {"failed": error[-1] if error else f"exit status {done.returncode}"}
    return json.loads(lines[-1].removeprefix("RESULT"))


def _say(name: str, told: dict) -> None:
    if "failed" in told:
        print(f"{name:28} failed: {told['failed']}")
    else:
        print(
            f"{name:28} {told['seconds']:8.2f} s, processor of the whole process "
            f"{told['processor']:8.2f} s, {told['megabytes']:9.0f} MB"
        )


def _compare(name: str, part: str, ours: dict, theirs: dict) -> None:
    _say(name, theirs)
    if "failed" in theirs or "failed" in ours:
        return
    if part == "graph":
        assert theirs["found"] == ours["found"], f"{name} counts other edges"
        same = f"the same {len(ours['found'])} edges"
    else:
        apart = max(
            abs(ours["found"][order][c] - theirs["found"][order][c])
            for order in ours["found"]
            for c in ours["found"][order]
        )
        same = f"removal effects differ by at most {apart:.1e}"
    print(
        f"{'':28} {theirs['seconds'] / ours['seconds']:8.1f} × the time, "
        f"{theirs['megabytes'] / ours['megabytes']:.1f} × the memory; {same}"
    )


if __name__ == "__main__":
    main()
