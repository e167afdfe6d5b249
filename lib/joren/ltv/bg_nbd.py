"""BG/NBD: when a customer orders, and when she silently stops.

Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).

1. While alive, a customer's orders are a Poisson process with rate λ.
2. λ differs between customers: Gamma(r, α), α in days.
3. After every repeat order she stops for good with probability p.
4. p differs between customers: Beta(a, b).
5. λ and p are independent.

A one-time buyer is alive for certain under (3): the model's own p_alive is no churn score.
"""

from __future__ import annotations

from joren.ltv.coin import coin_model

BG_NBD = coin_model("bg_nbd", "BG/NBD", first_toss=0)
