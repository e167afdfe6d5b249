"""MBG/NBD: BG/NBD in which a customer may also stop after her very first order.

Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for customer
base analysis, International Journal of Research in Marketing 24(3).

1. While alive, a customer's orders are a Poisson process with rate λ.
2. λ differs between customers: Gamma(r, α), α in days.
3. After every order, the first one included, she stops for good with probability p.
4. p differs between customers: Beta(a, b).
5. λ and p are independent.
"""

from __future__ import annotations

from joren.ltv.coin import coin_model

MBG_NBD = coin_model("mbg_nbd", "MBG/NBD", first_toss=1)
