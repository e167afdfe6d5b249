from datetime import datetime

from tests.campaigns.handmade import Tables, assigned, known

from joren.campaigns.audience import assigned_customers, contacted_customers, one_arm_each


def test_two_records_of_one_customer_in_one_arm_are_one_customer():
    both = [{**row, "customer_id": "x"} for row in known("a", "b")]
    tables = Tables(assignments=assigned("treatment", "a", "b"), identity_map=both)
    found = assigned_customers(tables("canonical/assignments"), tables("identity_map"))
    assert found.to_pyarrow().to_pylist() == [
        {"campaign_id": "C1", "customer_id": "x", "arm": "treatment", "stratum": None,
         "mixed": False}
    ]  # fmt: skip


def test_a_customer_whose_records_fell_into_two_arms_is_left_out():
    both = [{**row, "customer_id": "x"} for row in known("a", "b")]
    rows = assigned("treatment", "a") + assigned("control", "b", "c")
    tables = Tables(assignments=rows, identity_map=both + known("c"))
    found = assigned_customers(tables("canonical/assignments"), tables("identity_map"))
    assert found.filter(found.mixed).customer_id.to_pyarrow().to_pylist() == ["x"]
    assert one_arm_each(found).customer_id.to_pyarrow().to_pylist() == ["c"]


def test_whom_a_campaign_was_sent_to_is_one_arm_however_often_it_was_sent():
    rows = [
        {"source": "shop", "source_id": "a", "occurred_at": datetime(2026, 2, 1),
         "channel": channel, "campaign_id": campaign}
        for channel, campaign in (("dm", "C1"), ("mail", "C1"), ("mail", None))
    ]  # fmt: skip
    tables = Tables(contacts=rows, identity_map=known("a"))
    found = contacted_customers(tables("canonical/contacts"), tables("identity_map"))
    assert [(r["campaign_id"], r["arm"]) for r in found.to_pyarrow().to_pylist()] == [
        ("C1", "contacted")
    ]
