"""`joren rebase` and `joren run --rebase`: a changed rule waits, is asked for, and is told of."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from joren.params import project_root

STEPS = ("10_ingest", "20_link")
SHOP = {
    "format": "csv",
    "customers": {"path": "../data/customers.csv"},
    "orders": {"path": "../data/orders.csv"},
}
FAMILIES = ("佐木 誠", "鈴木 葵", "高木 凛")


@pytest.fixture
def shop(toy):
    """Three people with two records each, all on one phone; nothing but identity is run."""
    shutil.rmtree(toy.home / "notebooks")
    for step in STEPS:
        target = toy.home / "notebooks" / "01_identity" / f"{step}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project_root() / "notebooks" / "01_identity" / target.name, target)
    people = [(f"{name}{n}", family) for n, family in enumerate(FAMILIES) for name in "ab"]
    (toy.home / "data" / "customers.csv").write_text(
        "source_id,full_name,phone\n"
        + "".join(f"{source_id},{name},03-1111-0100\n" for source_id, name in people),
        encoding="utf-8",
    )
    (toy.home / "data" / "orders.csv").write_text(
        "order_id,source_id,ordered_at,amount\n"
        + "".join(
            f"{n},{source_id},2026-03-{n + 1:02d},100\n" for n, (source_id, _) in enumerate(people)
        ),
        encoding="utf-8",
    )
    toy.params(sources={"shop": SHOP}, identity={"generic_names": 9})
    return toy


def customers(project) -> pd.Series:
    frame = pd.read_parquet(project.latest / "tables" / "identity_map.parquet")
    return frame.set_index("source_id").customer_id.sort_index()


def run(project, *arguments: str) -> str:
    done = project.joren(*arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_a_changed_rule_waits_for_a_rebase_which_tells_before_and_after(shop):
    refused = shop.joren("run", "toy", "--rebase")
    assert refused.returncode == 1
    assert "no run of toy was published yet" in refused.stderr
    run(shop, "run", "toy")
    before = customers(shop)
    assert before.nunique() == 3

    shop.params(sources={"shop": SHOP}, identity={"generic_names": 2})
    run(shop, "run", "toy")
    assert customers(shop).equals(before)

    told = run(shop, "rebase", "toy", "--reason", "a shop's phone")
    after = customers(shop)
    assert after.nunique() == 6
    assert set(before) < set(after)
    assert "Customers: 3 → 6" in told
    history = pd.read_parquet(shop.latest / "tables" / "identity_history.parquet")
    assert history.kind.value_counts().to_dict() == {"create": 3, "split": 3}
    run(shop, "run", "toy")
    assert customers(shop).equals(after)

    trusting = {"generic_names": 9, "survivorship": {"phone": "oldest"}}
    shop.params(sources={"shop": SHOP}, identity=trusting)
    told = run(shop, "run", "toy", "--rebase", "--stage", "01_identity")
    assert "Customers: 6 → 3" in told
    assert customers(shop).equals(before)
    steps = {entry["step"]: entry for entry in shop.record()["steps"]}
    assert steps["01_identity/10_ingest"]["status"] == "reused"
    assert "parameters: identity" in steps["01_identity/20_link"]["because"]


def test_a_rebase_is_of_one_client_and_needs_the_stage_that_links(published_toy):
    everybody = published_toy.joren("run", "--all", "--rebase")
    assert (everybody.returncode, "of one client" in everybody.stderr) == (2, True)
    partial = published_toy.joren("run", "toy", "--rebase", "--stage", "02_sums")
    assert (partial.returncode, "needs the stage 01_identity" in partial.stderr) == (2, True)
    unlinked = published_toy.joren("run", "toy", "--rebase")
    assert unlinked.returncode == 0
    assert not list((published_toy.home / "state" / "toy").glob("identity_rebases/*.parquet"))
