"""The web store: futureshop orders, a file a year, its members, and its own point history."""

from __future__ import annotations

import shutil
from pathlib import Path

from joren.ingest.formats.futureshop import ORDER_HEADERS
from joren.simulate.exports.files import (
    Sheet,
    Written,
    for_cp932,
    moment,
    text_or_none,
    write_sheet,
)
from joren.simulate.spool import Spool
from joren.simulate.world import END, START

_BROKEN_YEAR, _BROKEN_ID = 2025, "990101W000000001"
_BROKEN = {
    "受注コード": f"'{_BROKEN_ID}'", "注文日時": "'2026/02/30 11:05:00'", "購入数量": "'#REF!'",
    "会員ID": "NULL",
}  # fmt: skip
KINDS = {
    "付与": "grant", "利用": "use", "失効": "expire", "取消": "cancel", "調整": "adjust",
    "移行": "transfer",
}  # fmt: skip
_WORD = " ".join(f"WHEN '{meant}' THEN '{word}'" for word, meant in KINDS.items())
_MEMBER_HEADERS = (
    "会員ID", "姓", "名", "セイ", "メイ", "TEL", "E-mail", "郵便番号", "住所", "生年月日", "性別",
    "登録日時", "更新日時", "店舗カード番号", "メルマガ",
)  # fmt: skip
_POINT_HEADERS = (
    "履歴番号", "会員ID", "発生日時", "区分", "ポイント", "有効期限", "受注コード", "元履歴番号",
    "移行番号", "キャンペーン", "備考",
)  # fmt: skip

_ORDER_CELLS = {
    "レコードナンバー": "row_number() OVER (ORDER BY ordered_at, order_id, line_no)",
    "受注コード": "order_id",
    "注文日時": moment("ordered_at"),
    "請求合計金額": "amount - points_used",
    "総合計金額": "goods_8 + goods_10 + shipping + fee",
    "商品合計金額": "goods_8 + goods_10",
    "消費税合計": "tax_8 + tax_10",
    "包装手数料": "0",
    "送料": "shipping",
    "決済手数料": "fee",
    "クール便手数料": "0",
    "その他手数料": "0",
    "決済方法": "CASE WHEN fee > 0 THEN '代金引換' ELSE 'クレジットカード' END",
    "処理状況区分": (
        "CASE status WHEN 'cancelled' THEN '注文取消' WHEN 'returned' THEN '返品' "
        "WHEN 'pending' THEN '通常処理' ELSE '処理済' END"
    ),
    "入金フラグ": "CASE status WHEN 'pending' THEN 0 ELSE 1 END",
    "発送フラグ": "CASE WHEN status IN ('pending', 'cancelled') THEN 0 ELSE 1 END",
    "会員ID": "source_id",
    "氏名（姓）": text_or_none(for_cp932("family_name")),
    "氏名（名）": text_or_none(for_cp932("given_name")),
    "フリガナ（姓）": text_or_none("family_kana"),
    "フリガナ（名）": text_or_none("given_kana"),
    "メールアドレス（メイン）": text_or_none("email"),
    "郵便番号": text_or_none("postal_code"),
    "都道府県区分": text_or_none("prefecture"),
    "住所1": text_or_none("city"),
    "住所2": text_or_none("street"),
    "電話番号（メイン）": text_or_none("phone"),
    "性別区分": text_or_none("gender"),
    "生年月日": text_or_none("birth_date"),
    "メルマガ受信可否フラグ": "consent_email",
    "商品番号": "product_id",
    "商品名": "product_name",
    "販売単価": "unit_price",
    "購入数量": "quantity",
    "消費税種類": "CASE tax_rate WHEN 8 THEN '軽減税率8%' ELSE '標準税率10%' END",
    "ポイント利用の有無": "CASE WHEN points_used > 0 THEN 1 ELSE 0 END",
    "ポイント利用額": "points_used",
}
_MEMBER_CELLS = {
    "会員ID": "source_id",
    "姓": text_or_none("family_name"),
    "名": text_or_none("given_name"),
    "セイ": text_or_none("family_kana"),
    "メイ": text_or_none("given_kana"),
    "TEL": text_or_none("phone"),
    "E-mail": text_or_none("email"),
    "郵便番号": text_or_none("postal_code"),
    "住所": text_or_none("prefecture || city || street"),
    "生年月日": text_or_none("birth_date"),
    "性別": text_or_none("gender"),
    "登録日時": moment("opened_at"),
    "更新日時": moment("updated_at"),
    "店舗カード番号": text_or_none("card_no"),
    "メルマガ": "consent_email",
}
_POINT_CELLS = {
    "履歴番号": "entry_id",
    "会員ID": "source_id",
    "発生日時": moment("occurred_at"),
    "区分": f"CASE kind {_WORD} END",
    "ポイント": "points",
    # a date alone: the last day on which the points are valid
    "有効期限": moment("expires_at - INTERVAL 1 DAY", "%Y/%m/%d"),
    "受注コード": "order_id",
    "元履歴番号": "reverses_entry_id",
    "移行番号": "transfer_id",
    "キャンペーン": "campaign_id",
}


def write_web(spool: Spool, folder: Path, written: Written) -> None:
    """Write `orders-<year>.csv` and `points.csv` (cp932) and `members.csv` (UTF-8 with BOM).

    The last year's orders were downloaded twice.
    """
    spool.con.execute("""
        CREATE TEMP VIEW web_rows AS
        SELECT o.*, r.* EXCLUDE (system, source_id, person_id), l.line_no, l.quantity,
               l.unit_price, l.tax_rate, p.product_id, p.name AS product_name
        FROM lines l JOIN orders o USING (order_no, ordered_at) JOIN products p USING (product_no)
        LEFT JOIN register r ON r.system = 'web' AND o.source_id = r.source_id
        WHERE l.system = 'web' AND o.system = 'web'
    """)
    path = folder
    for year in range(START.year, END.year + 1):
        path = folder / f"orders-{year}.csv"
        broken = [_BROKEN] if year == _BROKEN_YEAR else []
        write_sheet(
            spool, Sheet(path, ORDER_HEADERS, "cp932"), _ORDER_CELLS,
            f"FROM web_rows WHERE year(ordered_at) = {year} ORDER BY ordered_at, order_id, line_no",
            written, broken,
        )  # fmt: skip
        if broken:
            written.planted.append(
                ("web", path.name, "date 2026/02/30, quantity #REF!", _BROKEN_ID)
            )
    again = path.with_name(f"{path.stem} (1).csv")
    shutil.copyfile(path, again)
    written.files[again] = written.files[path]
    write_sheet(
        spool, Sheet(folder / "members.csv", _MEMBER_HEADERS, "utf-8-sig"), _MEMBER_CELLS,
        "FROM register WHERE system = 'web' ORDER BY opened_at, source_id", written,
    )  # fmt: skip
    write_sheet(
        spool, Sheet(folder / "points.csv", _POINT_HEADERS, "cp932"), _POINT_CELLS,
        "FROM point_entries WHERE source = 'web' ORDER BY occurred_at, entry_id", written,
    )  # fmt: skip
