"""Parameters are validated as a whole, and errors name file, line, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from joren.errors import ParameterError
from joren.params import Ltv, clients, load_client

BASE = """client: shop
title: {ja: 店, en: Shop}
sources:
  pos: {format: csv, orders: {path: x.csv, columns: {order_id: 伝票番号}}}
"""


def _load(tmp_path: Path, text: str):
    path = tmp_path / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return load_client(str(path)).params


def test_house_defaults_fill_what_a_client_leaves_out(tmp_path):
    params = _load(tmp_path, BASE + "ltv: {margin_rate: 0.25}\n")

    assert params.ltv.margin_rate == 0.25
    assert params.ltv.horizon_days == [90, 180, 365, 730]
    assert (params.timezone, params.currency, params.interval) == ("Asia/Tokyo", "JPY", 0.9)


def test_horizons_always_hold_90_and_365():
    assert Ltv(horizon_days=[30, 365]).horizons() == [30, 90, 365]


def test_a_path_alone_names_a_tables_files(tmp_path):
    params = _load(tmp_path, BASE + "  web: {format: csv, orders: 'web/*.csv'}\n")
    assert params.sources["web"].tables()["orders"].path == "web/*.csv"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (BASE + "langage: en\n", 5, "unknown key `langage`"),
        (BASE + "ltv:\n  horizon_day: [1]\n", 6, "Did you mean `horizon_days`"),
        (BASE.replace("columns", "colums"), 4, "Did you mean `columns`"),
        (BASE.replace("format: csv, ", ""), 4, "`sources.pos.format` is missing"),
        (BASE + "ltv: {draws: 5}\n", 5, "greater than or equal to 100"),
        (BASE + "timezone: Asia/Tokio\n", 5, "did you mean Asia/Tokyo"),
        (BASE + "interval: 1.0\n", 5, "`interval`"),
        (BASE + "a: [1\n", 5, "this is not YAML"),
    ],
)
def test_an_error_names_the_line_and_the_remedy(tmp_path, text, line, message):
    with pytest.raises(ParameterError) as caught:
        _load(tmp_path, text)
    assert message in str(caught.value)
    assert f"line {line}" in str(caught.value) or f"line {line + 1}" in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a\n", BASE + "as_of: 2026-02-31\n", "client: shop\n"])
def test_unusable_files_are_refused_with_a_sentence(tmp_path, text):
    with pytest.raises(ParameterError):
        _load(tmp_path, text)


def test_a_file_that_is_not_utf_8_says_so(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_bytes(BASE.encode("cp932"))
    with pytest.raises(ParameterError, match="not UTF-8"):
        load_client(str(path))


def test_an_unknown_client_offers_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean demo"):
        load_client("dmo")


def test_every_committed_client_is_valid():
    assert {"demo", "cdnow"} <= set(clients())
    for client in clients():
        assert load_client(client).params.client == client


def test_a_source_may_leave_out_tables_there_are(tmp_path):
    pos = "  pos: {format: smaregi, orders: x.csv, without: [point_entries]}\n"
    text = BASE.splitlines(keepends=True)
    assert _load(tmp_path, "".join([*text[:3], pos])).sources["pos"].without == ["point_entries"]
    with pytest.raises(ParameterError, match="line 4"):
        _load(tmp_path, "".join([*text[:3], pos.replace("point_entries", "points")]))


def test_the_clients_words_are_given_column_by_column(tmp_path):
    words = "point_entries: {path: p.csv, words: {kind: {付与: grant}}}"
    entry = f"  web: {{format: csv, {words}}}\n"
    source = _load(tmp_path, BASE + entry).sources["web"]
    assert source.point_entries.words == {"kind": {"付与": "grant"}}
    with pytest.raises(ParameterError, match="line 5"):
        _load(tmp_path, BASE + entry.replace("{付与: grant}", "grant"))
