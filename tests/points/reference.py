"""The slow, obvious ledger: every rule of `lot_pass` spelled out over lists of dictionaries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta

FOREVER = datetime.max
FIRST_OF_A_MOMENT = ("open", "undo", "out", "in", "use", "expire", "back")
COLUMNS = {"use": "used", "expire": "expired", "out": "transferred"}


def reference_ledger(
    rows: list[dict[str, Any]], as_of: datetime, consumption: str, policy: dict[str, Any]
):
    """Lots and debts of entries with unique ids: (lot, what became of it), account → debt."""
    by_id = {row["entry_id"]: row for row in rows if row["occurred_at"] <= as_of}
    told = {row["account"] for row in by_id.values() if row["kind"] == "expire"}
    lots: list[dict[str, Any]] = []
    debt = dict.fromkeys((row["account"] for row in by_id.values()), 0)
    taken: dict[str, list[list[Any]]] = {}
    opened: dict[str, dict[str, Any]] = {}
    chains: dict[str, dict[str, Any]] = {}
    early = dict.fromkeys(by_id, 0)

    def starts(row):
        late = row["kind"] == "grant" and row["available_at"]
        return max(row["occurred_at"], late or row["occurred_at"])

    def act(row):
        kind, points = row["kind"], row["points"]
        if kind == "cancel":
            origin = by_id.get(row["reverses_entry_id"])
            if origin is None or origin["account"] != row["account"]:
                return None
            undone = act(origin) if origin["kind"] not in ("cancel", "transfer") else None
            if undone == "use" and row["expires_at"]:
                return "open"
            return {"open": "undo", "use": "back", "expire": "back"}.get(undone)
        if kind == "transfer":
            return "out" if points < 0 else "in"
        if kind == "adjust":
            return "open" if points >= 0 else "use"
        return "open" if kind == "grant" else kind

    def out_of(row):
        pair = (o for o in by_id.values() if o["transfer_id"] == row["transfer_id"])
        return next((o for o in pair if o["points"] < 0), None)

    def moment(row):
        if act(row) == "back":
            return max(starts(row), starts(by_id[row["reverses_entry_id"]]))
        if act(row) == "in" and out_of(row):
            return max(starts(row), out_of(row)["occurred_at"])
        return starts(row)

    def expiry(row):
        if row["expires_at"] or policy["policy"] == "none":
            return row["expires_at"] or FOREVER
        since = starts(row)
        if policy["policy"] == "fiscal_year_end":
            end = datetime(since.year, policy["month"], 1) + relativedelta(months=1)
            return end if since < end else end + relativedelta(years=1)
        return since + relativedelta(**{k: v for k, v in policy.items() if k != "policy"})

    def due(lot):
        return lot["chain"]["due"]

    def over(lot, now):
        return due(lot) <= now and lot["account"] not in told

    def slide(row, lot, now):
        earns = row["kind"] in ("grant", "adjust") and not row["expires_at"]
        if policy["policy"] != "sliding" or not earns:
            return
        chain = chains.get(row["account"])
        if chain and chain["due"] > now:
            chain["due"] = max(chain["due"], due(lot))
            lot["chain"] = chain
        chains[row["account"]] = lot["chain"]

    def lapse(now):
        for lot in lots:
            if lot["valid"] and over(lot, now):
                lot["expired"] += lot["left"]
                lot["left"] = 0

    def pay(lot):
        paid = min(lot["left"], debt[lot["account"]])
        debt[lot["account"]] -= paid
        lot["used"] += paid
        lot["left"] -= paid

    def open_lot(row, now, size, *, like=None):
        lot = {
            "entry": row["entry_id"], "account": row["account"], "granted": size, "left": size,
            "used": 0, "expired": 0, "cancelled": 0, "transferred": 0, "no": len(lots),
            "chain": {"due": due(like) if like else expiry(row)}, "valid": now <= as_of,
            "since": like["since"] if like else now,
            "limited": like["limited"] if like else row["expires_at"] is not None,
        }  # fmt: skip
        lots.append(lot)
        return lot

    def turn(lot):
        first = {
            "nearest_expiry": due(lot),
            "fifo": lot["since"],
            "limited_first": (not lot["limited"], due(lot)),
        }
        return (first[consumption], lot["no"])

    def take(account, size, column):
        parts = []
        order = (lambda lot: (due(lot), lot["no"])) if column == "expired" else turn
        for lot in sorted((x for x in lots if x["account"] == account and x["valid"]), key=order):
            part = min(size, lot["left"])
            if part:
                lot["left"] -= part
                lot[column] += part
                size -= part
                parts.append([lot, part])
        debt[account] += size
        return [*parts, [None, size]] if size else parts

    placed = [row for row in by_id.values() if act(row)]
    placed.sort(key=lambda r: (moment(r), FIRST_OF_A_MOMENT.index(act(r)), r["entry_id"]))
    for row in placed:
        now, size, account = moment(row), abs(row["points"]), row["account"]
        origin = row["reverses_entry_id"]
        lapse(min(now, as_of))
        match act(row):
            case "open":
                lot = opened[row["entry_id"]] = open_lot(row, now, size)
                gone = min(size, early[row["entry_id"]])
                lot["cancelled"] += gone
                lot["left"] -= gone
                if lot["valid"]:
                    slide(row, lot, now)
                    lapse(now)
                    pay(lot)
                    take(account, early[row["entry_id"]] - gone, "used")
            case "undo" if origin not in opened:
                early[origin] += size
            case "undo":
                for column in ("left", "expired"):
                    gone = min(size, opened[origin][column])
                    opened[origin][column] -= gone
                    opened[origin]["cancelled"] += gone
                    size -= gone
                take(account, size, "used")
            case "in":
                source = out_of(row)
                for origin_lot, part in taken[source["entry_id"]] if source else []:
                    part = min(part, size)
                    if origin_lot and part:
                        lot = open_lot(row, now, part, like=origin_lot)
                        lapse(now)
                        pay(lot)
                        size -= part
                if size:
                    lot = open_lot(row, now, size)
                    lapse(now)
                    pay(lot)
            case "back":
                column = COLUMNS[act(by_id[origin])]
                for link in reversed(taken[origin]):
                    lot, part = link[0], min(link[1], size)
                    if lot is None:
                        part = min(part, debt[account])
                        debt[account] -= part
                    else:
                        part = min(part, lot[column])
                        lot[column] -= part
                        lot["left"] += part
                        lapse(now)
                        pay(lot)
                    link[1] -= part
                    size -= part
                if size:
                    lot = open_lot(row, now, size)
                    lapse(now)
                    pay(lot)
            case what:
                taken[row["entry_id"]] = take(account, size, COLUMNS[what])
    lapse(as_of)
    parts = ("granted", "used", "expired", "cancelled", "transferred", "left")
    kept = sorted((lot["entry"], lot["no"], *(lot[part] for part in parts)) for lot in lots)
    return [(lot[0], *lot[2:]) for lot in kept], debt
