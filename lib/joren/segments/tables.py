"""Presets to the tables `segments`, `segment_history` and `segment_transitions`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from joren.params_segments import Segments
from joren.segments.cut_offs import CutOffs, read_cut_offs
from joren.segments.joren_status import joren_status, with_silences
from joren.segments.ltvlab_cpm import ltvlab_cpm
from joren.segments.ltvlab_rfm import ltvlab_rfm
from joren.segments.standing import Preset, members, settled, spans, transitions
from joren.segments.uchideno_cpm import uchideno_cpm

_VENDORS = {"ltvlab_cpm": ltvlab_cpm, "ltvlab_rfm": ltvlab_rfm, "uchideno_cpm": uchideno_cpm}


@dataclass(frozen=True)
class Histories:
    """The daily history of every preset's cells, and the client's own cut-offs."""

    by_preset: dict[str, ir.Table]
    presets: dict[str, Preset]
    cut_offs: CutOffs | None


def histories(visits: ir.Table, rules: Segments, as_of: date) -> Histories:
    """Every preset asked for, day by day.

    Raises
    ------
    JorenError where `joren` is asked for and the client has too few repeat purchases
    """
    found, presets, cut_offs = {}, {}, None
    for name in rules.presets:
        rows = visits
        if name == "joren":
            cut_offs = read_cut_offs(visits, rules.joren)
            preset, rows = joren_status(rules.joren, cut_offs), with_silences(visits, cut_offs)
        else:
            preset = _VENDORS[name](getattr(rules, name))
        history = spans(rows.cache(), preset, as_of)
        if name == "joren":
            history = settled(history, rules.joren.stable_days)
        found[name], presets[name] = history.cache(), preset
    return Histories(found, presets, cut_offs)


def segments_table(
    known: Histories, standing: ir.Table, ranks: ir.Table | None, as_of: date
) -> ir.Table:
    """The table `segments`: each customer's segment of each preset on the last day.

    Parameters
    ----------
    standing : of `profile.standing_on`
    ranks : of `ranks.ranked`; they belong to the preset `joren`
    """
    measures = standing.select(
        "customer_id",
        r=_.silent_days.cast("float64"),
        f=_.purchases.cast("float64"),
        m=_.total.cast("float64"),
    )
    parts = []
    for name, history in known.by_preset.items():
        rows = members(history, as_of).mutate(preset=ibis.literal(name))
        if name == "joren" and ranks is not None:
            held = ranks.select("customer_id", "rank", "p_high", "score")
            rows = rows.left_join(held, "customer_id").drop("customer_id_right")
        else:
            rows = rows.mutate(
                rank=ibis.null("string"), p_high=ibis.null("float64"), score=ibis.null("int64")
            )
        parts.append(
            rows.select("customer_id", "preset", "segment", "rank", "status", "since", "p_high",
                        "score")
        )  # fmt: skip
    together = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return together.left_join(measures, "customer_id").drop("customer_id_right")


def history_table(known: Histories) -> ir.Table:
    """The table `segment_history`: customer_id, preset, valid_from, valid_to, segment, status."""
    parts = [history.mutate(preset=ibis.literal(name)) for name, history in known.by_preset.items()]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def transitions_table(known: Histories, dates: Mapping[str, tuple[date, date]]) -> ir.Table:
    """The table `segment_transitions`: who moved where between two days.

    Parameters
    ----------
    dates : name of the comparison → first and last day
    """
    parts = [
        transitions(history, start, end).select(
            "to_segment",
            "customers",
            preset=ibis.literal(name),
            comparison=ibis.literal(comparison),
            from_on=ibis.literal(start),
            to_on=ibis.literal(end),
            from_segment=_.from_segment.fill_null("none"),
        )
        for name, history in known.by_preset.items()
        for comparison, (start, end) in dates.items()
    ]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def stock_by_month(known: Histories, preset: str, months: list[date]) -> ir.Table:
    """Customers by segment on each of the days: on, segment, customers."""
    history = known.by_preset[preset]
    days = ibis.memtable({"day": months}).select(on=_.day.cast("date"))
    held = history.join(
        days,
        (history.valid_from <= days.on)
        & (history.valid_to.isnull() | (history.valid_to > days.on)),
    )
    return held.group_by("on", "segment").agg(customers=held.count())


def last_ranks(log: ir.Table | None, as_of: date) -> ir.Table | None:
    """The ranks of the latest run before as_of; None while there is none.

    Parameters
    ----------
    log : state log `segment_ranks`: customer_id, rank, as_of
    """
    if log is None:
        return None
    earlier = log.filter(_.as_of < ibis.literal(as_of))
    latest = earlier.as_of.max().to_pyarrow().as_py()
    if latest is None:
        return None
    return earlier.filter(_.as_of == ibis.literal(latest)).select("customer_id", "rank").distinct()
