"""The demo client: a small retailer whose shops and web store know many of the same people.

`python -m joren.simulate.demo FOLDER` writes it; the same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

from joren.simulate.demo_members import Members, register_members
from joren.simulate.demo_orders import pos_months, web_orders
from joren.simulate.people import make_people
from joren.simulate.purchases import simulate_purchases

SEED = 20261121
PEOPLE = 1500
START, END = datetime(2024, 4, 1), datetime(2026, 4, 1)

POS_MEMBER_HEADER = (
    "会員コード", "氏名", "氏名カナ", "電話番号", "メールアドレス", "郵便番号", "住所", "生年月日",
    "性別", "入会日", "カード番号", "DM可否", "メール可否",
)  # fmt: skip
WEB_MEMBER_HEADER = (
    "会員ID", "姓", "名", "セイ", "メイ", "TEL", "E-mail", "郵便番号", "住所", "生年月日", "性別",
    "登録日時", "更新日時", "店舗カード番号", "メルマガ",
)  # fmt: skip
POS_ORDER_HEADER = (
    "取引ID", "取引日時", "店舗", "会員コード", "合計", "税抜合計", "値引", "付与ポイント",
    "取引区分",
)  # fmt: skip
WEB_ORDER_HEADER = (
    "受注番号", "受注日時", "会員ID", "お支払い合計", "税抜金額", "クーポン値引", "ステータス",
)  # fmt: skip


def write_demo(folder: Path, seed: int = SEED) -> None:
    """Write the demo client's raw exports and their answer key.

    Parameters
    ----------
    folder : pos/orders/<month>.csv and pos/members.csv (cp932), web/members.csv and
        web/orders.csv (UTF-8 with BOM) and answer_key.csv (source, source_id, person_id)
    seed : the same seed gives the same bytes
    """
    rng = Random(seed)
    people = make_people(rng, PEOPLE)
    purchases = {p.person_id: simulate_purchases(rng, START, END) for p in people}
    members = register_members(rng, people, purchases, END)
    _write_members(folder, members)
    for month, rows in pos_months(rng, members.pos_orders, START, END):
        _write(folder / "pos" / "orders" / f"{month}.csv", POS_ORDER_HEADER, rows, "cp932")
    rows = web_orders(rng, members.web_orders, END)
    _write(folder / "web" / "orders.csv", WEB_ORDER_HEADER, rows, "utf-8-sig")


def _write_members(folder: Path, members: Members) -> None:
    _write(folder / "pos" / "members.csv", POS_MEMBER_HEADER, members.pos, "cp932")
    _write(folder / "web" / "members.csv", WEB_MEMBER_HEADER, members.web, "utf-8-sig")
    key = sorted(members.answer_key)
    _write(folder / "answer_key.csv", ("source", "source_id", "person_id"), key, "utf-8")


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence], encoding: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


if __name__ == "__main__":
    write_demo(Path(sys.argv[1]))
