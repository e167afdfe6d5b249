"""Yahoo!ショッピング: the order CSV and the item CSV, joined by `OrderId`.

The columns are those of public readers of real files; a template in the shop's console chooses
among them. They are the fields of the vendor's order interface, which says: `TotalPrice` is what
the customer pays, after points and the mall's coupons; `UnitPrice` is already less the shop's
coupons; `OrderStatus` is 1 予約中, 2 処理中, 3 保留, 4 キャンセル, 5 完了. The worth of an order is
therefore `TotalPrice` with the points and the mall's coupons put back. The codes of `SettleStatus`
that mean an order in process is not yet paid for are from memory of the interface (a guess).

Points are the mall's and stay with the order. `Bill...` is the buyer, `Ship...` whoever receives
the parcel. An order that was split bears its origin in `ParentOrderId` and counts by itself.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals, header_names
from joren.ingest.rules import cell, const, filled, first, joined, number, one_of, when, word

_ORDER_HEADERS = header_names("""
    OrderId,ParentOrderId,DeviceType,IsAffiliate,FspLicenseCode,FspLicenseName,OrderTime,
    OrderTimeUnixEpoch,UsePointType,OrderStatus,StoreStatus,Referer,EntryPoint,Clink,
    SuspectMessage,IsItemCoupon,IsShippingCoupon,ShipName,ShipFirstName,ShipLastName,ShipAddress1,
    ShipAddress2,ShipCity,ShipPrefecture,ShipZipCode,ShipNameKana,ShipFirstNameKana,
    ShipLastNameKana,ShipAddress1Kana,ShipAddress2Kana,ShipCityKana,ShipPrefectureKana,
    ShipSection1Field,ShipSection1Value,ShipSection2Field,ShipSection2Value,ShipPhoneNumber,
    ShipEmgPhoneNumber,ShipMethod,ShipMethodName,ShipRequestDate,ShipRequestTime,ShipNotes,
    ArriveType,ShipInvoiceNumber1,ShipInvoiceNumber2,ShipUrl,ShipDate,GiftWrapType,
    GiftWrapPaperType,GiftWrapName,NeedBillSlip,NeedDetailedSlip,NeedReceipt,Option1Field,
    Option1Value,Option2Field,Option2Value,GiftWrapMessage,BillName,BillFirstName,BillLastName,
    BillAddress1,BillAddress2,BillCity,BillPrefecture,BillZipCode,BillNameKana,BillFirstNameKana,
    BillLastNameKana,BillAddress1Kana,BillAddress2Kana,BillCityKana,BillPrefectureKana,
    BillSection1Field,BillSection1Value,BillSection2Field,BillSection2Value,BillPhoneNumber,
    BillEmgPhoneNumber,BillMailAddress,PayMethod,PayMethodName,PayKind,CardPayCount,CardPayType,
    SettleStatus,SettleId,PayNo,PayNoIssueDate,PayDate,BuyerComments,AgeConfirm,QuantityDetail,
    ShipCharge,PayCharge,GiftWrapCharge,Discount,UsePoint,GetPoint,Total,TotalPrice,
    ShippingCouponDiscount,ItemCouponDiscount,TotalMallCouponDiscount,Id
""")

_ITEM_HEADERS = header_names("""
    OrderId,LineId,Quantity,ItemId,SubCode,Title,ItemOptionName,ItemOptionValue,SubCodeOption,
    InscriptionName,InscriptionValue,UnitPrice,UnitGetPoint,LineSubTotal,LineGetPoint,PointFspCode,
    Condition,CouponId,CouponDiscount,OriginalPrice,IsGetPointFix,GetPointFixDate,ReleaseDate,
    GetPointType,Jan,ProductId,Id
""")

_STATUS = {
    "0": "pending",
    "未入金": "pending",
    "1": "pending",
    "予約中": "pending",
    "2": "valid",
    "処理中": "valid",
    "3": "pending",
    "保留": "pending",
    "4": "cancelled",
    "キャンセル": "cancelled",
    "5": "valid",
    "完了": "valid",
}

# 支払待ち, 入金待ち, 有効期限切れ, オーソリエラー
_UNPAID = one_of("SettleStatus", "2", "4", "8", "10") & one_of("OrderStatus", "2", "処理中")

_POINTS = number("UsePoint")
_MALL_COUPON = number("TotalMallCouponDiscount")
_WORTH = number("TotalPrice") + _POINTS + _MALL_COUPON

_ORDERS = Projection(
    key=cell("OrderId"),
    columns={
        "order_id": cell("OrderId"),
        "ordered_at": cell("OrderTime"),
        "amount": when(filled("TotalPrice"), _WORTH),
        "discount": number("Discount")
        + number("ItemCouponDiscount")
        + number("ShippingCouponDiscount"),
        "mall_discount": _MALL_COUPON,
        "points_used": _POINTS,
        "points_granted": number("GetPoint"),
        "channel": const("mall"),
        "status": when(_UNPAID, const("pending"), word("OrderStatus", _STATUS)),
    },
    agree=("amount",),
)

_NAME = first(joined("BillLastName", "BillFirstName"), "BillName")
_PHONE = first("BillPhoneNumber", "BillEmgPhoneNumber")
_BUYER = Buyer(
    contact=(cell("BillMailAddress"), _PHONE, _NAME),
    columns={
        "family_name": cell("BillLastName"),
        "given_name": cell("BillFirstName"),
        "family_kana": cell("BillLastNameKana"),
        "given_kana": cell("BillFirstNameKana"),
        "full_name": cell("BillName"),
        "full_kana": cell("BillNameKana"),
        "phone": _PHONE,
        "email": cell("BillMailAddress"),
        "postal_code": cell("BillZipCode"),
        "address": joined("BillPrefecture", "BillCity", "BillAddress1", "BillAddress2"),
        "updated_at": cell("OrderTime"),
    },
)

_LINES = Projection(
    columns={
        "order_id": cell("OrderId"),
        "line_no": cell("LineId"),
        "product_id": first("ItemId", "Title"),
        "product_name": cell("Title"),
        "quantity": number("Quantity"),
        "amount": first(number("LineSubTotal"), number("UnitPrice") * number("Quantity")),
    },
)

FORMAT = Format(
    name="yahoo",
    title="Yahoo!ショッピング",
    kinds=(
        Kind(
            name="orders",
            title="注文データ",
            headers=_ORDER_HEADERS,
            required=("OrderId", "OrderTime", "OrderStatus", "TotalPrice", "UsePoint"),
            orders=_ORDERS,
            buyer=_BUYER,
            totals=Totals(
                goods=_WORTH
                + number("Discount")
                - number("ShipCharge")
                - number("PayCharge")
                - number("GiftWrapCharge"),
            ),
        ),
        Kind(
            name="order_lines",
            title="商品データ",
            headers=_ITEM_HEADERS,
            required=("OrderId", "LineId", "ItemId", "UnitPrice", "Quantity"),
            tables={"order_lines": (_LINES,)},
        ),
    ),
)
