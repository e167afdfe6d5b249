"""From a PyMC model to posterior draws, by one of two ways that agree.

`nuts` samples with nutpie. `laplace` takes the mode, a multivariate t around it as proposal, and
corrects by Pareto-smoothed importance weights (Vehtari et al. 2024): the same posterior up to
Monte Carlo error while k̂ <= 0.7. `auto` is laplace, and nuts where k̂ is larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from joren.errors import JorenError
from joren.stats.laplace import density_of, laplace_draws
from joren.stats.posterior import Posterior, as_columns

if TYPE_CHECKING:
    import pymc as pm
    from nutpie.compile_pymc import CompiledPyMCModel


def sample(
    model: pm.Model,
    parameters: Sequence[str],
    inference: Literal["auto", "laplace", "nuts"],
    draws: int,
    chains: int,
    seed: int,
) -> Posterior:
    """Draw from the posterior of a model.

    Parameters
    ----------
    model : a PyMC model of a few parameters
    parameters : names of the variables wanted, random or deterministic, scalars or vectors
    inference : see the module
    draws, chains : draws per chain and chains; laplace takes draws × chains proposals
    seed : the same seed gives the same draws

    Raises
    ------
    JorenError if `laplace` is asked for and the posterior has no proper mode
    """
    if inference == "nuts":
        return _nuts(model, parameters, draws, chains, seed)
    fast = laplace_draws(density_of(model, parameters), draws * chains, seed)
    if fast is not None and (inference == "laplace" or "k_hat" not in fast.problems()):
        return fast
    if inference == "laplace":
        raise JorenError("the posterior has no proper mode", "ltv.inference", "set it to nuts")
    sampled = _nuts(model, parameters, draws, chains, seed)
    return replace(sampled, rejected_k_hat=float("inf") if fast is None else fast.k_hat)


def _nuts(
    model: pm.Model, parameters: Sequence[str], draws: int, chains: int, seed: int
) -> Posterior:
    import nutpie

    return nuts_draws(nutpie.compile_pymc_model(model), parameters, draws, chains, seed)


def nuts_draws(
    compiled: CompiledPyMCModel,
    parameters: Sequence[str],
    draws: int,
    chains: int,
    seed: int,
    target_accept: float = 0.9,
) -> Posterior:
    """Sample a model that is compiled already; the other arguments are those of `sample`."""
    import nutpie
    from arviz_stats.base import array_stats

    trace = nutpie.sample(
        compiled,
        draws=draws,
        tune=max(500, draws // 2),
        chains=chains,
        cores=2,
        seed=seed,
        progress_bar=False,
        target_accept=target_accept,
        adaptation="low_rank",  # the parameters are few and strongly correlated
    )
    names, columns = as_columns(
        parameters,
        [np.concatenate(np.asarray(trace.posterior[name].values)) for name in parameters],
    )
    by_chain = columns.T.reshape(len(names), chains, draws)
    return Posterior(
        names,
        columns,
        np.full(draws * chains, 1 / (draws * chains)),
        "nuts",
        np.array([float(array_stats.ess(values)) for values in by_chain]),
        np.array([float(array_stats.rhat(values)) for values in by_chain]),
        int(trace.sample_stats.diverging.values.sum()),
    )
