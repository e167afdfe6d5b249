from datetime import date

from tests.routes.handmade import shop

from joren.routes.bought import catalogue, entry_products, product_names

AS_OF = date(2024, 12, 31)
STRANGE = 'A>B "x"\n茶'


def test_orders_of_one_day_are_one_purchase_and_know_the_next(table):
    made = shop(table, [("a", 0, ["tea"]), ("a", 0, ["cup"]), ("a", 9, ["tea"])], AS_OF)
    days = made.days.order_by("day").to_pandas()

    assert days.nth.tolist() == [1, 2]
    assert days.value.astype(int).tolist() == [200, 100]
    assert (days.next_day[0] - days.day[0]).days == 9
    assert len(made.products.to_pandas()) == 3


def test_a_purchase_after_as_of_has_not_happened(table):
    made = shop(table, [("a", 0, ["tea"]), ("a", 400, ["tea"])], AS_OF)
    assert made.days.to_pandas().next_day.isna().all()


def test_strange_names_survive_and_equal_amounts_go_to_the_smaller(table):
    made = shop(table, [("a", 0, [STRANGE, "Z"]), ("b", 3, [STRANGE])], AS_OF)

    entry = dict(entry_products(made.products).to_pandas().itertuples(index=False))
    assert entry == {"a": STRANGE, "b": STRANGE}


def test_the_product_list_names_what_lines_do_not(table):
    lines = table("canonical/order_lines", [
        {"source": "s", "order_id": "1", "line_no": 1, "product_id": p, "product_name": name,
         "category": category, "quantity": 1, "amount": 1}
        for p, name, category in (("G1", "tea?", None), ("G2", None, "cups"))
    ])  # fmt: skip
    listed = table("canonical/products", [
        {"source": "s", "product_id": "G1", "name": "Tea", "category": "teas"},
        {"source": "s", "product_id": "G3", "name": "Pot", "category": "pots"},
    ])  # fmt: skip
    found = catalogue(lines, listed).order_by("product_id").to_pandas()

    assert found.name.tolist() == ["Tea", "G2", "Pot"]
    assert found.category.tolist() == ["teas", "cups", "pots"]


def test_products_of_one_name_are_told_apart_by_their_id(table):
    listed = table("canonical/products", [
        {"source": "shop", "product_id": product, "name": name}
        for product, name in (("1", "baby food"), ("2", "baby food"), ("3", "tea"))
    ])  # fmt: skip
    names = product_names(catalogue(table("canonical/order_lines", []), listed))
    assert names == {"1": "baby food (1)", "2": "baby food (2)", "3": "tea"}
