"""Lists over two real runs: drawn and sent, answered, read back with their effect."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from datetime import datetime, timedelta

import pandas as pd

from joren.lists.draw import HELD_OUT, LISTED
from joren.params import project_root

STEPS = (
    "01_identity/10_ingest", "01_identity/20_link", "04_ltv/10_purchases", "04_ltv/70_actions",
)  # fmt: skip
PEOPLE = 300
LIST = "second_purchase-20251231"
FIRST, SECOND = "2025-12-31", "2026-03-15"


def rows(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def people() -> str:
    told = (
        f"m{n},{family}{n}子,m{n}@example.jp,true,2025-11-01 10:00"
        for n, family in ((n, "佐鈴高田渡伊山中小加"[n % 10]) for n in range(PEOPLE))
    )
    return rows("source_id,full_name,email,consent_email,registered_at", *told)


def exported(run, name: str) -> list[dict[str, str]]:
    path = run / "exports" / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def table(run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run / "tables" / f"{name}.parquet")


def findings(run) -> list[dict]:
    path = run / "items" / "04_ltv__70_actions.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    return [item for item in found if item["kind"] == "finding"]


def test_the_cap_counts_what_was_sent_and_the_next_run_reads_the_effect(toy):
    shutil.rmtree(toy.home / "notebooks")
    for step in STEPS:
        target = toy.home / "notebooks" / f"{step}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project_root() / "notebooks" / f"{step}.ipynb", target)
    crm = toy.home / "data" / "crm"
    crm.mkdir()
    (crm / "customers.csv").write_text(people(), encoding="utf-8")
    bought = [f"o{n},m{n},2025-11-{n % 25 + 1:02} 12:00,1000" for n in range(PEOPLE)]
    head = "order_id,source_id,ordered_at,amount"
    (crm / "orders.csv").write_text(rows(head, *bought), encoding="utf-8")
    sources = {"crm": {"format": "tables", "path": "../data/crm"}}
    cap = {"max_contacts": 2, "cap_days": 30}

    def run(as_of: str):
        toy.params(as_of=as_of, sources=sources, lists=cap)
        done = toy.joren("run", "toy")
        assert done.returncode == 0, done.stdout + done.stderr
        return toy.latest

    first = run(FIRST)
    written = exported(first, "second_purchase")
    members = table(first, "action_members").query("action == 'second_purchase'")
    arms = members.set_index("customer_id").standing
    assert set(arms) == {LISTED, HELD_OUT}
    assert len(members) == PEOPLE
    assert len(written) == (arms == LISTED).sum()
    assert {row["List ID"] for row in written} == {LIST}
    assert "actions.first_lists" in {found["key"] for found in findings(first)}

    # the client mails half of its list and reports two answers; 60 % of the listed order again,
    # and 20 % of those held out
    owner = table(first, "identity_map").set_index("customer_id").source_id
    listed = [row["Customer ID"] for row in written]
    mailed = listed[: len(listed) // 2]
    contacts = [f"{owner[c]},2026-01-03 12:00,mail" for c in mailed]
    again = listed[: round(0.6 * len(listed))]
    spared = sorted(arms.index[arms == HELD_OUT])
    again += spared[: round(0.2 * len(spared))]
    bought += [f"a{n},{owner[c]},2026-01-20 12:00,2000" for n, c in enumerate(again)]
    # lately ten who have not ordered since were written to twice, ten others once
    silent = [c for c in listed if c not in again]
    twice, once = silent[:10], silent[10:20]
    lately = datetime.fromisoformat(SECOND) - timedelta(days=10)
    contacts += [f"{owner[c]},{lately:%F} 09:00,mail" for c in twice + once]
    contacts += [f"{owner[c]},{lately:%F} 18:00,line" for c in twice]
    (crm / "orders.csv").write_text(rows(head, *bought), encoding="utf-8")
    (crm / "contacts.csv").write_text(
        rows("source_id,occurred_at,channel", *contacts), encoding="utf-8"
    )
    (crm / "outcomes.csv").write_text(
        rows(
            "list_id,customer_id,outcome,at",
            *(f"{LIST},{c},bounced,2026-01-04 10:00" for c in mailed[:2]),
        ),
        encoding="utf-8",
    )

    second = run(SECOND)
    results = table(second, "action_results").query("list_id == @LIST").set_index("arm")
    treat, control = results.loc["treat"], results.loc["control"]
    assert (treat.status, treat.listed, control.listed) == ("read", len(listed), len(spared))
    assert (treat.reached, treat.outcomes, control.reached) == (len(mailed), 2, 0)
    shares = (treat.ordered / treat.listed, control.ordered / control.listed)
    assert abs(treat.effect - (shares[0] - shares[1])) < 1e-9
    assert 0 < treat.lower < treat.effect < treat.upper
    # in the report, in both languages, with the interval
    told = next(f for f in findings(second) if f["key"] == "actions.result")
    # numbers do not break from their units there
    page = " ".join((second / "report.html").read_text(encoding="utf-8").split())
    assert told["text"]["en"] in page
    assert f"{100 * treat.lower:.1f}–{100 * treat.upper:.1f}" in told["text"]["ja"]

    # who was contacted as often as the cap allows is on no list, whatever the lists of before
    # named; who was contacted once still has a place
    account = table(second, "action_account")
    assert account.over_cap.sum() > 0
    now = table(second, "action_members")
    places = Counter(now.customer_id[now.standing.isin([LISTED, HELD_OUT])])
    assert not set(twice) & set(places)
    assert set(once) <= set(places)
    # the hold-out of before stays held out
    kept = now[(now.campaign_id == "second_purchase") & now.customer_id.isin(spared)]
    assert set(kept.standing) <= {HELD_OUT, "over_cap"}
    assert (kept.standing == HELD_OUT).any()
