from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from joren.routes.campaign_routes import (
    ANYWHERE,
    REST,
    WHOLE,
    Readout,
    assigned,
    holm,
    read_out,
    route_changes,
    verdicts,
)
from joren.routes.steps import coded_steps, names_of

BEGIN = datetime(2026, 3, 1)
AS_OF = date(2026, 3, 31)


@pytest.fixture
def campaign(rows):
    """Customers who buy at random; the treated are written to, and buy `extra` times more."""

    def make(extra: float, size: int = 300, starts: datetime = BEGIN):
        rng = np.random.default_rng(7)
        steps, sides = [], []
        for i in range(size):
            treated = i % 3 > 0
            name = f"c{i:03}"
            arm, stratum = "mail" if treated else "control", f"s{i % 2}"
            sides.append({"source": "s", "source_id": name, "campaign_id": "C1", "arm": arm,
                          "stratum": stratum})  # fmt: skip
            days = list(rng.uniform(-90, 28, rng.poisson(4)))
            days += list(rng.uniform(0, 28, rng.poisson(extra))) if treated else []
            rows_of = [(day, "order:repeat:ec", "order", None) for day in [-95.0, *days]]
            rows_of += [(0.4, "contact:mail", "contact", "C1")] if treated else []
            steps += [
                {"customer_id": name, "at": starts + timedelta(days=day), "rank": 1, "seq": 0,
                 "tie": "", "touchpoint": point, "kind": kind, "campaign_id": of}
                for day, point, kind, of in rows_of
            ]  # fmt: skip
        known = [{"source": "s", "source_id": f"c{i:03}", "customer_id": f"c{i:03}"}
                 for i in range(size)]  # fmt: skip
        campaigns = [{"campaign_id": "C1", "name": "Spring", "starts_on": starts,
                      "ends_on": starts + timedelta(days=28)}]  # fmt: skip
        return coded_steps(rows(steps)), assigned(rows(sides), rows(known)), rows(campaigns)

    return make


def _by_routes(found) -> dict[str, Readout]:
    return {one.routes: one for one in found}


def test_a_campaign_that_makes_customers_buy_changes_more_than_its_messages(campaign):
    steps, sides, campaigns = campaign(extra=1.0)
    found = _by_routes(read_out(steps, sides, campaigns, AS_OF, 0.9, 1))
    names = names_of(steps)
    table = route_changes(list(found.values()), names)
    buying = table[(table.routes == REST) & (table.source_touchpoint == "")].iloc[0]

    assert buying.target_touchpoint == "order:repeat:ec"
    assert buying.p_adjusted <= 0.01
    assert buying.lower <= 1.0 <= buying.upper
    assert found[REST].placebo.smallest_p > 0.05
    assert found[WHOLE].change.smallest_p <= 0.01


def test_one_that_does_nothing_changes_the_whole_routes_only(campaign):
    steps, sides, campaigns = campaign(extra=0.0)
    found = _by_routes(read_out(steps, sides, campaigns, AS_OF, 0.9, 1))

    assert found[WHOLE].change.smallest_p <= 0.01
    assert found[REST].change.smallest_p > 0.05
    judged = verdicts(list(found.values())).set_index("routes")
    assert judged.n[REST] == 200 and judged.n_control[REST] == 100
    assert judged.target[WHOLE] in names_of(steps) and ANYWHERE in set(found[REST].edges[:, 0])


def test_a_campaign_that_runs_or_is_small_is_named_with_the_reason(campaign):
    running = campaign(extra=0.0, starts=datetime(2026, 3, 20))
    assert list(read_out(*running, AS_OF, 0.9, 1)) == [("Spring", "open")]
    small = campaign(extra=0.0, size=60)
    assert list(read_out(*small, AS_OF, 0.9, 1)) == [("Spring", "thin")]


def test_who_fell_into_both_sides_is_left_out(rows):
    sides = [{"source": "s", "source_id": str(i), "campaign_id": "C1", "stratum": None,
              "arm": "control" if i == 0 else "mail"} for i in range(3)]  # fmt: skip
    known = [{"source": "s", "source_id": str(i), "customer_id": "A" if i < 2 else "B"}
             for i in range(3)]  # fmt: skip
    import pyarrow as pa

    found = assigned(rows(sides, stratum=pa.string()), rows(known)).to_pandas()
    assert found.customer_id.tolist() == ["B"]


def test_holm_orders_and_multiplies():
    found = holm(pd.Series([0.01, np.nan, 0.04, 0.03]))
    assert found[[0, 2, 3]].tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(found[1])
