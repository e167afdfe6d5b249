"""What makes an earlier result stale, in keys and in words."""

from __future__ import annotations

from joren.notebooks import discover
from joren.params import load_client
from joren.stamps import raw_digests, step_ingredients, step_key, why_stale
from joren.workspace import Workspace


def _ingredients(toy, **changes):
    step = discover(toy.home / "notebooks")[1]
    params = load_client(str(toy.home / "params" / "toy.yaml")).params
    given = {"inputs": {"numbers": "abc"}, "facts": {"as_of": "2026-03-31"}} | changes
    return step_ingredients(step, params, given["inputs"], given["facts"])


def test_the_same_ingredients_give_the_same_key(toy):
    assert step_key(_ingredients(toy)) == step_key(_ingredients(toy))


def test_each_change_is_told_in_words(toy):
    before = _ingredients(toy)

    assert why_stale(before, _ingredients(toy, inputs={"numbers": "abd"})) == ["inputs: numbers"]
    assert why_stale(before, _ingredients(toy, facts={"as_of": "2026-04-30"})) == ["as_of"]
    toy.params(language="ja")
    assert why_stale(before, _ingredients(toy)) == ["parameters: language"]
    toy.params()
    toy.notebook("02_sums/10_sum", "1", reads=["numbers"], writes=["sums"])
    assert why_stale(before, _ingredients(toy)) == ["code"]


def test_a_parameter_nobody_declared_changes_no_key(toy):
    before = _ingredients(toy)
    toy.params(limits={"step_timeout_minutes": 3}, ltv={"draws": 500})
    assert _ingredients(toy) == before


def test_markdown_and_outputs_change_no_key(toy):
    before = _ingredients(toy)
    path = toy.home / "notebooks" / "02_sums" / "10_sum.ipynb"
    path.write_text(path.read_text().replace('"cells": [', (
        '"cells": [{"cell_type": "markdown", "id": "m", "metadata": {}, "source": "why"}, '
    )))  # fmt: skip
    assert _ingredients(toy) == before


def test_raw_files_are_told_apart_by_content(tmp_path):
    workspace = Workspace("shop", tmp_path / "reports")
    file = tmp_path / "data" / "x.csv"
    file.parent.mkdir()
    file.write_text("1")
    first = raw_digests(workspace, [file], tmp_path)

    assert raw_digests(workspace, [file], tmp_path) == first == {"data/x.csv": first["data/x.csv"]}
    file.write_text("2")
    assert raw_digests(workspace, [file], tmp_path) != first
