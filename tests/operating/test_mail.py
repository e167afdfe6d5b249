"""Handing a message over: what is tried again, and what is not."""

from __future__ import annotations

from email.header import decode_header, make_header

import pytest

from joren.operating.mail import NotTaken, compose, hand_over
from joren.params_report import Smtp


def _message():
    return compose("a@joren.test", "b@shop.test", "件名", "本文", {"x.pdf": b"%PDF"})


def _server(port):
    return Smtp(host="127.0.0.1", port=port, security="none", sender="a@joren.test")


def test_japanese_subjects_arrive(mailbox):
    assert hand_over(_message(), _server(mailbox.port), None) == 1
    assert str(make_header(decode_header(mailbox.messages[0]["Subject"]))) == "件名"


def test_a_server_that_is_not_there_is_given_up_in_the_end():
    with pytest.raises(NotTaken, match="did not take"):
        hand_over(_message(), _server(1), None, waits=(0.0, 0.0))


def test_the_number_of_tries_is_told(mailbox):
    mailbox.answers = ["450 later"]
    assert hand_over(_message(), _server(mailbox.port), None, waits=(0.0,)) == 2


def test_a_refusal_for_good_is_not_tried_again(mailbox):
    mailbox.answers = ["550 no"]
    with pytest.raises(NotTaken, match="550"):
        hand_over(_message(), _server(mailbox.port), None, waits=(0.0, 0.0))
    assert mailbox.offers == 1
