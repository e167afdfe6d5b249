"""Keyed hashes of the engine are those of RFC 2104."""

import hashlib
import hmac

import pyarrow as pa
import pytest

from joren.engine import connect
from joren.identity.hashes import keyed_hash

TEXTS = ["", "x", "+819011112222", "佐藤花子", "hana@example.jp" * 20, None]


@pytest.mark.parametrize("length", [0, 1, 64, 65, 200])
def test_they_are_hmac_sha256_whatever_the_length_of_the_key(length):
    key = bytes(range(length))
    given = connect().create_table("given", pa.table({"n": range(len(TEXTS)), "text": TEXTS}))
    hashed = given.mutate(hash=keyed_hash(given.text, key)).order_by("n").to_pyarrow()
    expected = [t and hmac.digest(key, t.encode(), hashlib.sha256).hex() for t in TEXTS]
    expected[0] = hmac.digest(key, b"", hashlib.sha256).hex()
    assert hashed["hash"].to_pylist() == expected
