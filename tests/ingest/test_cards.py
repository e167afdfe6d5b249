from __future__ import annotations

import random

import pytest

from joren.errors import InputError
from joren.ingest.cards import passes_luhn


def _with_check_digit(digits: str) -> str:
    return next(digits + d for d in "0123456789" if passes_luhn(digits + d))


def _customers(numbers: list[str]) -> str:
    rows = [f"C{n},{number}\n" for n, number in enumerate(numbers)]
    return "source_id,card_no\n" + "".join(rows)


def test_published_test_numbers_pass_luhn():
    assert passes_luhn("4111111111111111")
    assert passes_luhn("378282246310005")
    assert not passes_luhn("4111111111111112")


@pytest.mark.parametrize("separator", ["", "-", " "])
def test_payment_card_numbers_are_refused(read, separator):
    random.seed(1)
    plain = [_with_check_digit(f"4{random.randrange(10**14):014}") for _ in range(30)]
    numbers = [separator.join(p[n : n + 4] for n in range(0, 16, 4)) for p in plain]
    with pytest.raises(InputError, match="'card_no' looks like payment-card numbers") as error:
        read({"customers.csv": _customers(numbers)})
    assert not any(number in str(error.value) for number in plain)


def test_loyalty_numbers_of_random_digits_are_accepted(read):
    random.seed(2)
    numbers = [str(random.randrange(4 * 10**15, 5 * 10**15)) for _ in range(200)]
    assert read({"customers.csv": _customers(numbers)}).tables["customers"].count().execute() == 200


def test_jan_point_cards_of_thirteen_digits_are_accepted(read):
    random.seed(3)
    numbers = [f"2{random.randrange(10**12):012}" for _ in range(50)]
    assert read({"customers.csv": _customers(numbers)}).tables["customers"].count().execute() == 50


def test_a_column_called_credit_card_needs_fewer_values(read):
    text = "source_id,クレジットカード番号\n" + "".join(
        f"C{n},{number}\n"
        for n, number in enumerate(["4111111111111111", "5555555555554444", "378282246310005"])
    )
    columns = {"source_id": "source_id", "card_no": "クレジットカード番号"}
    source = {"format": "csv", "customers": {"path": "c.csv", "columns": columns}}
    with pytest.raises(InputError, match="payment-card"):
        read({"c.csv": text}, {"web": source})
