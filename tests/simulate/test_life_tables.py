"""Processes, subscriptions, touchpoints and exposures as tables, in a whole chunk."""

from __future__ import annotations

import numpy as np

from joren.simulate.processes import RATE_MEAN, SPEND_MIX, SPEND_SCALE, SPEND_SHAPE


def test_first_orders_lie_in_the_window_and_start_the_process(lived):
    wrong = """SELECT count(*) FROM processes p LEFT JOIN (
            SELECT person_id, min(ordered_at) AS first,
                arg_min(status, ordered_at) AS status FROM orders GROUP BY 1) o USING (person_id)
        WHERE acquired_at IS DISTINCT FROM first OR status NOT IN ('valid', 'pending')
            OR first NOT BETWEEN TIMESTAMP '2024-04-01' AND TIMESTAMP '2026-03-31 23:59:59'"""
    # two orders on the first day may stand the other way round by the clock
    assert lived.execute(wrong).fetchall()[0][0] <= 2


def test_rates_and_spend_are_handed_on(lived):
    rate, spend = lived.execute("SELECT avg(rate), avg(spend_mean) FROM processes").fetchall()[0]
    assert abs(rate / RATE_MEAN - 1) < 0.04
    assert abs(spend / (SPEND_SHAPE * SPEND_SCALE / (SPEND_MIX - 1)) - 1) < 0.04


def test_deaths_have_a_cause_and_lie_before_the_horizon(lived):
    causes = lived.execute("""SELECT died_because, count(*), count(died_at), max(died_at)
        FROM processes GROUP BY 1 ORDER BY 1 NULLS LAST""").fetchall()
    assert [cause for cause, _, _, _ in causes] == ["complaint", "lapse", None]
    assert all(n > 500 for _, n, _, _ in causes)
    assert [deaths for _, _, deaths, _ in causes] == [causes[0][1], causes[1][1], 0]


def test_subscriptions_end_after_their_last_order_and_not_beyond_the_relationship(lived):
    wrong = """SELECT count(*) FROM subscriptions s JOIN processes p USING (person_id)
        LEFT JOIN (SELECT subscription_no, max(ordered_at) AS last FROM orders GROUP BY 1) o
            USING (subscription_no)
        WHERE ended_at < last OR ended_at > died_at OR started_at < acquired_at
            OR (ended_at IS NULL) <> (end_reason IS NULL)
            OR ended_at >= TIMESTAMP '2026-04-01' OR true_ended_at < coalesce(ended_at, last)"""
    assert lived.execute(wrong).fetchall() == [(0,)]
    reasons = lived.execute("SELECT DISTINCT end_reason FROM subscriptions ORDER BY 1").fetchall()
    assert [reason for (reason,) in reasons] == [
        "commitment_end", "other", "payment", "voluntary", None,
    ]  # fmt: skip


def test_touchpoints_happen_in_the_window_while_the_relationship_lasts(lived):
    wrong = """SELECT count(*) FROM events e JOIN processes p USING (person_id)
        WHERE occurred_at >= TIMESTAMP '2026-04-01' OR occurred_at >= died_at
            OR occurred_at::DATE < acquired_at::DATE"""
    assert lived.execute(wrong).fetchall() == [(0,)]
    kinds = lived.execute("SELECT touchpoint, count(*) FROM events GROUP BY 1").fetchall()
    assert {kind for kind, _ in kinds} == {
        "event_checkin", "line_add", "complaint", "inquiry", "site_visit", "app_open",
        "line_click", "mail_open",
    }  # fmt: skip


def test_exposures_are_the_causal_touchpoints(lived):
    both = """SELECT count(*), count(e.person_id), count(x.person_id) FROM (
            SELECT * FROM events
            WHERE touchpoint IN ('event_checkin', 'line_add', 'complaint')) e
        FULL JOIN exposures x USING (person_id, touchpoint, occurred_at)"""
    n, of_events, of_exposures = lived.execute(both).fetchall()[0]
    assert n == of_events == of_exposures


def test_complaints_end_what_line_prolongs(lived):
    changed = lived.execute("""SELECT touchpoint,
            avg((died_at < died_at_without)::INT), avg((died_at_without < died_at)::INT)
        FROM (SELECT touchpoint, coalesce(died_at, TIMESTAMP '9999-01-01') AS died_at,
            coalesce(died_at_without, TIMESTAMP '9999-01-01') AS died_at_without FROM exposures)
        GROUP BY 1 ORDER BY 1""").fetchall()
    shares = {touchpoint: (earlier, later) for touchpoint, earlier, later in changed}
    assert shares["line_add"][0] == 0
    assert shares["line_add"][1] > 0.5
    assert shares["complaint"][1] == shares["event_checkin"][1] == 0
    assert 0.4 < shares["complaint"][0] < 0.52


def test_complainers_leave_more_often_than_those_who_only_ask(lived):
    rows = lived.execute("""SELECT touchpoint, count(*),
            avg((died_at < occurred_at + INTERVAL 30 DAYS)::INT)
        FROM (SELECT e.*, coalesce(died_at, TIMESTAMP '9999-01-01') AS died_at
            FROM events e JOIN processes USING (person_id))
        WHERE touchpoint IN ('complaint', 'inquiry') GROUP BY 1 ORDER BY 1""").fetchall()
    (_, n_complaint, complained), (_, n_inquiry, asked) = rows
    noise = np.sqrt(0.25 / n_complaint + 0.25 / n_inquiry)
    assert complained - asked > 0.3
    assert complained - asked < 0.5 + 4 * noise
