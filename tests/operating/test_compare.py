"""`joren diff`: what changed between two runs, and why."""

from __future__ import annotations


def test_a_changed_parameter_file_and_table_are_named(published_toy):
    first = published_toy.latest.name
    orders = published_toy.home / "data" / "orders.csv"
    orders.write_text(orders.read_text() + "3,c,2026-03-31,10\n", encoding="utf-8")
    published_toy.params(seed=7)
    published_toy.notebook(
        "02_sums/10_sum",
        'numbers = step.table("numbers")',
        'step.write("sums", numbers.agg(total=numbers.number.sum() + 1))',
        reads=["numbers"],
        writes=["sums"],
    )
    assert published_toy.joren("run", "toy").returncode == 0

    done = published_toy.joren("diff", "toy", first, "latest")
    assert done.returncode == 0, done.stderr
    assert "Input files: 1 changed, 0 new, 0 gone." in done.stdout
    assert "seed: 20261121 → 7" in done.stdout
    assert "sums: 1 → 1 rows, content differs" in done.stdout
    assert "numbers:" not in done.stdout.split("tables")[1]


def test_a_run_beside_itself_differs_in_nothing(published_toy):
    name = published_toy.latest.name
    done = published_toy.joren("diff", "toy", name, name)
    assert "every step has the same result" in done.stdout
    assert "every table is the same" in done.stdout


def test_a_run_that_is_not_there_is_named_with_those_that_are(published_toy):
    done = published_toy.joren("diff", "toy", "nowhere", "latest")
    assert done.returncode == 1
    assert published_toy.latest.name in done.stderr
