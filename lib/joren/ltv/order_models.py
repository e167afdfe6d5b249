"""Every model of orders by its name; MBG/CNBD-k is one for each k."""

from __future__ import annotations

from joren.ltv.bg_nbd import BG_NBD
from joren.ltv.mbg_cnbd_k import MOST_STAGES, mbg_cnbd
from joren.ltv.mbg_nbd import MBG_NBD
from joren.ltv.order_model import OrderModel
from joren.ltv.pareto_nbd import PARETO_NBD

ORDER_MODELS: dict[str, OrderModel] = {
    model.name: model
    for model in (BG_NBD, MBG_NBD, PARETO_NBD, *map(mbg_cnbd, range(2, MOST_STAGES + 1)))
}
