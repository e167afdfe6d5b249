from joren.ltv.order_models import ORDER_MODELS


def test_every_model_bears_the_name_it_is_found_by():
    assert all(name == model.name for name, model in ORDER_MODELS.items())
    assert {"bg_nbd", "mbg_nbd", "pareto_nbd", "mbg_cnbd_2", "mbg_cnbd_6"} <= set(ORDER_MODELS)
    assert ORDER_MODELS["mbg_cnbd_3"].stages == 3
