"""Assignments, contacts and both potential outcomes, in a whole chunk."""

from __future__ import annotations

import numpy as np
import pytest

from joren.simulate.campaigns import CAMPAIGNS


@pytest.fixture(scope="module")
def windows(lived):
    rows = [(c.campaign_id, c.starts_on, c.ends_on) for c in CAMPAIGNS]
    lived.execute("CREATE TEMP TABLE windows (campaign_id TEXT, starts_on DATE, ends_on DATE)")
    lived.executemany("INSERT INTO windows VALUES (?, ?, ?)", rows)
    # what a readout counts: valid orders, refunds taken off the amounts
    lived.execute("""CREATE TEMP TABLE readout AS
        SELECT a.person_id, a.campaign_id, a.arm, a.stratum,
            count(*) FILTER (o.amount > 0) AS orders, coalesce(sum(o.amount), 0) AS amount
        FROM assignments a JOIN windows w USING (campaign_id)
        LEFT JOIN orders o ON o.person_id = a.person_id AND o.status = 'valid'
            AND o.ordered_at >= w.starts_on AND o.ordered_at < w.ends_on + 1
        GROUP BY ALL""")
    return lived


def test_what_happened_is_the_base_and_the_extra_of_the_treatment_given(windows):
    wrong = """SELECT count(*) FROM readout r
        LEFT JOIN (SELECT person_id, campaign_id, any_value(base_orders) AS base,
                any_value(base_amount) AS base_yen,
                sum(extra_orders) FILTER (arm = assigned) AS extra,
                sum(extra_amount) FILTER (arm = assigned) AS extra_yen
            FROM outcomes GROUP BY ALL) o USING (person_id, campaign_id)
        WHERE r.orders IS DISTINCT FROM base + coalesce(extra, 0)
            OR r.amount IS DISTINCT FROM base_yen + coalesce(extra_yen, 0)"""
    assert windows.execute(wrong).fetchall() == [(0,)]
    assert windows.execute("SELECT count(*) FROM readout").fetchall()[0][0] > 20_000


def test_every_assigned_person_has_an_outcome_for_every_treatment(windows):
    for campaign in CAMPAIGNS:
        rows = windows.execute(
            """SELECT (SELECT count(*) FROM assignments WHERE campaign_id = $1),
                (SELECT count(*) FROM outcomes WHERE campaign_id = $1)""",
            [campaign.campaign_id],
        ).fetchall()[0]
        assert rows[1] == rows[0] * len(campaign.effects)


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda c: c.campaign_id)
def test_treated_less_control_is_the_true_effect_within_noise(windows, campaign):
    for arm in campaign.effects:
        (treated, n_t, var_t), (control, n_c, var_c) = windows.execute(
            """SELECT avg(orders), count(*), var_samp(orders) FROM readout
            WHERE campaign_id = $1 AND arm IN ('control', $2)
            GROUP BY arm ORDER BY arm = 'control'""",
            [campaign.campaign_id, arm],
        ).fetchall()
        true = windows.execute(
            "SELECT avg(extra_orders) FROM outcomes WHERE campaign_id = $1 AND arm = $2",
            [campaign.campaign_id, arm],
        ).fetchall()[0][0]
        assert abs(treated - control - true) < 4 * np.sqrt(var_t / n_t + var_c / n_c)
        assert (true == 0) == (not any(campaign.effects[arm]))


def test_only_customers_who_bought_before_are_assigned_and_only_the_treated_contacted(windows):
    early = """SELECT count(*) FROM assignments a JOIN processes p USING (person_id)
        WHERE acquired_at >= assigned_at"""
    assert windows.execute(early).fetchall() == [(0,)]
    contacted = """SELECT count(*) FROM (
            SELECT person_id, campaign_id FROM assignments WHERE arm <> 'control') a
        FULL JOIN contacts c USING (person_id, campaign_id)
        WHERE a.person_id IS NULL OR c.person_id IS NULL"""
    assert windows.execute(
        "SELECT count(*) FROM contacts WHERE campaign_id IS NULL"
    ).fetchall() == [(0,)]
    assert windows.execute(contacted.replace("a.person_id", "a.campaign_id")).fetchall() == [(0,)]


def test_clicks_are_of_the_treated_on_line_and_mail(windows):
    clicks = windows.execute("""SELECT touchpoint, e.channel, count(*),
            count(*) FILTER (arm IS NULL OR arm = 'control')
        FROM events e LEFT JOIN assignments a USING (person_id, campaign_id)
        WHERE campaign_id IS NOT NULL GROUP BY ALL ORDER BY ALL""").fetchall()
    assert [(touch, channel) for touch, channel, _, _ in clicks] == [
        ("line_click", "line"), ("mail_open", "web"),
    ]  # fmt: skip
    assert all(n > 500 and strangers == 0 for _, _, n, strangers in clicks)
