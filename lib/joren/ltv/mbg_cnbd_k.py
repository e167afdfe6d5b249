"""MBG/CNBD-k: MBG/NBD for customers who order at regular times.

Platzer & Reutterer (2016), Ticking Away the Moments: Timing Regularity Helps to Better Predict
Customer Activity, Marketing Science 35(5).

1. While alive, a customer's times between orders are Erlang-k with rate λ: the larger k, the more
   regular; k = 1 is MBG/NBD.
2. λ differs between customers: Gamma(r, α), α in days; k is one number for all.
3. After every order, the first one included, she stops for good with probability p.
4. p differs between customers: Beta(a, b).
5. λ and p are independent.
"""

from __future__ import annotations

from joren.ltv.coin import coin_model
from joren.ltv.order_model import OrderModel

MOST_STAGES = 6


def mbg_cnbd(stages: int) -> OrderModel:
    """The model whose orders come at every `stages`-th event."""
    return coin_model(f"mbg_cnbd_{stages}", f"MBG/CNBD-{stages}", first_toss=1, stages=stages)
