"""Rules and their probabilities, from how a pair's fields compare."""

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.pairs import FIELDS
from joren.identity.rules import exact_edges


@pytest.fixture(scope="module")
def judge():
    """A function: pairs as {field: relation} (unknown where left out) → edges in their order."""

    def run(*pairs: dict, **options) -> list[dict]:
        rows = [
            {"left": n, "right": n + 1, "area_is": "unknown", "carriers": 2, "neighbours": 0.001}
            | {f"{field}_is": "unknown" for field in FIELDS}
            | pair
            for n, pair in enumerate(pairs)
        ]
        compared = connect().create_table("compared", pa.Table.from_pylist(rows))
        return exact_edges(compared, **options).order_by("left").to_pyarrow().to_pylist()

    return run


def test_support_conflict_and_silence_have_the_published_rates(judge):
    supported, alone, conflict = judge(
        {"phone_is": "same", "name_is": "same"},
        {"phone_is": "same"},
        {"phone_is": "same", "name_is": "same", "birth_date_is": "different"},
    )
    assert (supported["match_probability"], supported["decision"]) == (0.997, "link")
    assert (alone["match_probability"], alone["decision"]) == (0.83, "review")
    assert (conflict["match_probability"], conflict["decision"]) == (0.19, "reject")
    assert conflict["rule"] == "phone_conflict"
    assert supported["weight"] == pytest.approx(8.3765, abs=1e-4)


def test_a_common_name_weighs_less_than_a_rare_one(judge):
    same = {"name_is": "same", "birth_date_is": "same"}
    rare, common, elsewhere = judge(
        same, same | {"carriers": 500}, same | {"carriers": 2, "area_is": "different"}
    )
    assert rare["match_probability"] == pytest.approx(1 / (1 + 2 * 2 / 20_000))
    assert common["match_probability"] == pytest.approx(1 / (1 + 2 * 500 / 20_000))
    assert [rare["decision"], common["decision"]] == ["link", "review"]
    assert elsewhere["match_probability"] == pytest.approx(1 / (1 + 2 * 200 * 2 / 20_000))


def test_names_read_alike_and_written_otherwise_need_more_than_a_birth_date(judge):
    (edge,) = judge({"name_is": "sound", "birth_date_is": "same"})
    assert (edge["match_probability"], edge["decision"]) == (0.9, "review")


def test_the_review_band_is_a_parameter(judge):
    (edge,) = judge({"phone_is": "same"}, review_band=(0.1, 0.8))
    assert edge["decision"] == "link"
