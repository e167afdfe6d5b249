"""What customers were like before the campaign must not jump at the threshold.

Each covariate (past orders, past value, age of the account) takes the outcome's place. A jump
there shows that customers on both sides differ by more than the campaign. For several covariates
the p-values are multiplied by their number (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping

from scipy.stats import norm

from joren.errors import JorenError
from joren.experiments.regression_discontinuity import jump, robust_bandwidth
from joren.experiments.threshold_bins import Bins
from joren.stats.checks import Check, by_p_value, undecided


def continuity(covariates: Mapping[str, Bins]) -> Check:
    """Test covariates for a jump at the threshold.

    Parameters
    ----------
    covariates : name → bins with the covariate as outcome, from `threshold_bins`

    Returns
    -------
    statistic is the largest jump in standard errors; facts: covariates (how many were looked at)
    """
    scores = []
    for bins in covariates.values():
        try:
            found = jump(bins, robust_bandwidth(bins), order=2)
        except JorenError:
            return undecided("continuity", int(bins.n.sum()), covariates=len(covariates))
        if found.se > 0:
            scores.append(abs(found.outcome) / found.se)
    if not scores:
        return undecided("continuity", 0, covariates=0)
    total = int(max(bins.n.sum() for bins in covariates.values()))
    p_value = min(1.0, len(scores) * float(2 * norm.sf(max(scores))))
    return by_p_value("continuity", max(scores), p_value, total, covariates=float(len(scores)))
