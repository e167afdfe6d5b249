import ibis
import numpy as np
import pytest

from joren.churn.notice import Notice, notice

SCHEMA = {"phase": "float64", "settled": "boolean", "cause": "string"}


def test_ends_are_told_by_the_share_seen_so_far():
    told = Notice(np.array([0.5, 0.1, 0.4]))

    assert told.told_by(np.array([0, 1 / 6, 1 / 3, 2 / 3, 1])) == pytest.approx(
        [0, 0.25, 0.5, 0.6, 1]
    )


def test_only_settled_ends_that_are_no_failed_payment_are_counted():
    rows = [(0.05, True, "voluntary")] * 9 + [(0.95, False, "voluntary"), (1.0, True, "payment")]
    found = notice(ibis.memtable(rows, schema=SCHEMA))

    assert found.shares.argmax() == 0
    assert found.shares[0] == pytest.approx(10 / 19)  # nine, and one a part before the data


def test_an_end_on_the_due_day_belongs_to_the_last_part():
    found = notice(ibis.memtable([(1.0, True, "other")], schema=SCHEMA))

    assert found.shares[-1] == pytest.approx(2 / 11)


def test_a_simulated_client_tells_its_ends_all_through_the_cycle(client):
    assert notice(client.tenure).shares == pytest.approx(0.1, abs=0.04)
