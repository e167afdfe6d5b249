"""Phones, mail addresses, postal codes and addresses in one form."""

import pytest

from joren.identity.contacts import (
    address_key,
    email_key,
    is_placeholder_phone,
    phone_key,
    postal_key,
)


@pytest.mark.parametrize(
    "written",
    [
        "090-1111-2222",
        "09011112222",
        "9011112222",
        "9011112222.0",
        "+81 90-1111-2222",
        "819011112222",
        "０９０−１１１１−２２２２",
        "090 1111 2222",
        "(090)1111-2222",
    ],
)
def test_every_way_to_write_a_mobile_number_is_one(written):
    assert phone_key(written) == "+819011112222"


@pytest.mark.parametrize("written", ["03-1111-0100", "0311110100", "311110100", "+81-3-1111-0100"])
def test_every_way_to_write_a_landline_is_one(written):
    assert phone_key(written) == "+81311110100"


@pytest.mark.parametrize("written", ["", "なし", "12", "000-0000-0000", "1.23E+10"])
def test_what_is_no_phone_is_none(written):
    assert phone_key(written) is None


@pytest.mark.parametrize(
    ("written", "placeholder"),
    [
        ("000-0000-0000", True),
        ("090-0000-0000", True),
        ("09012345678", True),
        ("99999999999", True),
        ("090-1111-2222", False),
        ("", False),
    ],
)
def test_fillers_are_recognised(written, placeholder):
    assert is_placeholder_phone(written) is placeholder


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Hanako@Example.JP ", "hanako@example.jp"),
        ("ｈａｎａ＠example.jp", "hana@example.jp"),
        ("h.a.n.a+shop@gmail.com", "hana@gmail.com"),
        ("abc@privaterelay.appleid.com", None),
        ("none@example.jp", None),
        ("not an address", None),
    ],
)
def test_mail_addresses(written, key):
    assert email_key(written) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [("〒154-0001", "1540001"), ("１５４０００１", "1540001"), ("600001", "0600001"), ("0", None)],
)
def test_postal_codes(written, key):
    assert postal_key(written) == key


def test_postal_codes_abroad_keep_their_letters():
    assert postal_key("sw1a 1aa", "en") == "SW1A1AA"


@pytest.mark.parametrize(
    "written",
    [
        "東京都世田谷区桜台2-3-4 コーポ若葉101",
        "東京都世田谷区桜台２丁目３番４号　コーポ若葉１０１号室",
        "東京都世田谷区桜台二丁目3−4 ｺｰﾎﾟ若葉101",
    ],
)
def test_an_address_keeps_house_and_room_and_drops_the_building(written):
    assert address_key(written) == "東京都世田谷区桜台2-3-4#101"


def test_a_numbered_street_stays_whole():
    assert address_key("札幌市中央区北1条西2丁目3-4") == "札幌市中央区北1条西2-3-4"
