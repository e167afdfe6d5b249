import numpy as np
import pytest

from joren.ltv.order_model import build, median_age
from joren.ltv.order_models import ORDER_MODELS
from joren.ltv.statistics import purchase_statistics

GAPS = [0.0, 5.0, 14.0]
SOME = purchase_statistics([0, 2, 7], [0, 20, 60], [50, 40, 60], [9, 1, 1], log_gaps=GAPS)
OTHERS = purchase_statistics([0, 1], [0, 9], [30, 90], [2, 5], log_gaps=[0.0, 11.0])


def potential_and_parameters(model, definition):
    wanted = [definition.potentials[0], *(definition[name] for name in model.parameters)]
    graph = definition.replace_rvs_by_values(wanted)
    point = definition.initial_point(0)
    return definition.compile_fn(graph, mode="FAST_COMPILE")(point)


@pytest.mark.parametrize("name", ["bg_nbd", "pareto_nbd", "mbg_cnbd_2"])
def test_the_definition_holds_the_likelihood(name):
    model = ORDER_MODELS[name]
    likelihood, *values = potential_and_parameters(model, build(model, [SOME]))
    assert float(likelihood) == pytest.approx(model.log_likelihood(SOME, *values), rel=1e-12)


def test_each_cell_is_judged_by_its_own_parameters():
    model = ORDER_MODELS["mbg_nbd"]
    definition = build(model, [SOME, OTHERS], "hierarchical")
    point = definition.initial_point(0)
    for name, value in point.items():
        if name.endswith("_offset"):
            point[name] = value + np.array([0.4, -0.8])
    graph = definition.replace_rvs_by_values(
        [definition.potentials[0], *(definition[name] for name in model.parameters)]
    )
    likelihood, *values = definition.compile_fn(graph, mode="FAST_COMPILE")(point)
    each = [model.log_likelihood(g, *(v[i] for v in values)) for i, g in enumerate((SOME, OTHERS))]
    assert values[0][0] != values[0][1]
    assert float(likelihood) == pytest.approx(sum(each), rel=1e-12)


@pytest.mark.parametrize("name", ["mbg_nbd", "pareto_nbd"])
def test_compiled_density_and_gradient_are_those_of_the_definition(name):
    definition = build(ORDER_MODELS[name], [SOME])
    compiled = definition.logp_dlogp_function(ravel_inputs=True, mode="NUMBA")
    plain = definition.compile_logp(mode="FAST_COMPILE")
    values = list(definition.initial_point(0))

    def at(point):
        return float(plain(dict(zip(values, point, strict=True))))

    point = np.array([-0.3, -1.0, 0.2, 0.9])
    density, gradient = compiled(point)
    steps = 1e-5 * np.eye(4)
    slope = [(at(point + step) - at(point - step)) / 2e-5 for step in steps]
    assert float(density) == pytest.approx(at(point), rel=1e-12)
    np.testing.assert_allclose(gradient, slope, rtol=1e-6)


def test_the_median_age_is_that_of_all_groups_customers():
    assert median_age([SOME]) == 50
    assert median_age([SOME, OTHERS]) == 50
    assert median_age([OTHERS]) == 90
