"""Points that went to customers who would have bought anyway, told by the hold-out.

Of treated customers the share p₁ bought in the campaign's days, of held-out ones p₀. Where nobody
is kept from buying by being given points, p₀ / p₁ of the treated buyers would have bought anyway;
if they redeem like the others, so is that share of the points redeemed.
"""

from __future__ import annotations

from joren.stats.effects import Effect, Estimate


def subsidy_share(response: Effect) -> Estimate | None:
    """Share of redeemed points that went to customers who would have bought anyway.

    Parameters
    ----------
    response : the arm's effect on the response rate, not adjusted by a covariate

    Returns
    -------
    between 0 and 1, bounds too (a bound that the hold-out cannot give is 0 or 1); None where no
    treated or no held-out customer bought
    """
    if not (response.mean > 0 and response.mean_control > 0) or response.relative is None:
        return None
    lower, upper = response.relative.lower, response.relative.upper
    return Estimate(
        _share(response.relative.value),
        0.0 if upper is None else _share(upper),
        1.0 if lower is None else _share(lower),
    )


def _share(relative: float) -> float:
    """1 / (1 + relative), at most 1."""
    return 1.0 if relative <= 0 else 1 / (1 + relative)
