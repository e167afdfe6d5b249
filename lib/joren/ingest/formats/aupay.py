"""au PAY マーケット (formerly Wowma!): the order CSV, one row per item.

The columns are those of public readers of real files. From readers of the vendor's interface,
whose fields bear the same names: `requestPrice` is `totalPrice` less coupons and both kinds of
points, `totalItemPrice` is the price after discounts times the quantity. The worth of an order is
`requestPrice` with the points put back. Guesses: coupons are the shop's own (`couponType` might
tell, but its codes are not known), and the words of `orderStatus`.

Points are the mall's (Ponta, au) and stay with the order. `orderer...` is the buyer; `sender...`,
against its name, whoever receives the parcel.
"""

from __future__ import annotations

from joren.ingest.kinds import Buyer, Format, Kind, Projection, Totals, header_names
from joren.ingest.rules import cell, const, filled, first, number, one_of, when, word

_HEADERS = header_names("""
    controlType,orderId,orderDetailId,orderDate,sellMethodSegment,releaseDate,siteAndDevice,
    itemManagementId,itemCode,lotnumber,itemName,itemOption,shippingDayDispText,
    shippingTimelimitDate,mailAddress,ordererName,ordererKana,ordererZipCode,ordererAddress,
    ordererPhoneNumber1,ordererPhoneNumber2,nickname,senderName,senderKana,senderZipCode,
    senderAddress,senderPhoneNumber1,senderPhoneNumber2,orderOption,settlementName,userComment,
    memo,orderStatus,contactStatus,contactDate,authorizationStatus,authorizationDate,paymentStatus,
    paymentDate,shipStatus,shipDate,printStatus,printDate,cancelStatus,cancelReason,cancelComment,
    itemPrice,beforeDiscount,discount,unit,totalItemPrice,taxType,postagePrice,chargePrice,
    totalPrice,couponTotalPrice,usePoint,usePointCancel,useAuPointPrice,useAuPoint,
    useAuPointCancel,requestPrice,totalGiftPoint,pointFixedDate,pointFixedStatus,settleStatus,
    pgResult,pgResponseCode,pgResponseDetail,pgOrderId,pgRequestPrice,authoriTimelimitDate,
    couponType,couponKey,cardJadgement,deliveryName,deliveryMethodId,deliveryId,deliveryRequestDay,
    deliveryRequestTime,shippingDate,shippingCarrier,shippingNumber,rawMailAddress
""")

_STATUS = {
    "新規受付": "pending",
    "新規予約": "pending",
    "予約中": "pending",
    "保留": "pending",
    "与信待ち": "pending",
    "入金待ち": "pending",
    "発送前入金待ち": "pending",
    "発送後入金待ち": "pending",
    "不正取引審査中": "pending",
    "各種エラー": "pending",
    "発送待ち": "valid",
    "発送準備中": "valid",
    "発送済": "valid",
    "発送済み": "valid",
    "与信後": "valid",
    "完了": "valid",
    "キャンセル": "cancelled",
    "キャンセル受付中": "cancelled",
    "審査NG": "cancelled",
    "返品": "returned",
}

_CANCELLED = one_of("cancelStatus", "Y", "1", "キャンセル", "キャンセル済", "キャンセル済み")

_COUPON = number("couponTotalPrice")
_POINTS_WORTH = number("usePoint") + number("useAuPointPrice")

_ORDERS = Projection(
    key=cell("orderId"),
    columns={
        "order_id": cell("orderId"),
        "ordered_at": cell("orderDate"),
        "amount": when(
            filled("requestPrice"),
            number("requestPrice") + _POINTS_WORTH,
            number("totalPrice") - _COUPON,
        ),
        "discount": _COUPON,
        "points_used": number("usePoint") + number("useAuPoint"),
        "points_granted": number("totalGiftPoint"),
        "channel": const("mall"),
        "status": when(_CANCELLED, const("cancelled"), word("orderStatus", _STATUS)),
    },
    agree=("amount",),
)

_LINES = Projection(
    where=filled("itemName") | filled("itemCode"),
    columns={
        "order_id": cell("orderId"),
        "product_id": first("itemCode", "itemManagementId", "lotnumber", "itemName"),
        "product_name": cell("itemName"),
        "quantity": number("unit"),
        "amount": first(number("totalItemPrice"), number("itemPrice") * number("unit")),
    },
)

_EMAIL = first("rawMailAddress", "mailAddress")
_PHONE = first("ordererPhoneNumber1", "ordererPhoneNumber2")
_BUYER = Buyer(
    contact=(_EMAIL, _PHONE, cell("ordererName")),
    columns={
        "full_name": cell("ordererName"),
        "full_kana": cell("ordererKana"),
        "phone": _PHONE,
        "email": _EMAIL,
        "postal_code": cell("ordererZipCode"),
        "address": cell("ordererAddress"),
        "updated_at": cell("orderDate"),
    },
)

FORMAT = Format(
    name="aupay",
    title="au PAY マーケット",
    kinds=(
        Kind(
            name="orders",
            title="受注CSV",
            headers=_HEADERS,
            required=("orderId", "orderDetailId", "orderDate", "requestPrice", "usePoint"),
            orders=_ORDERS,
            buyer=_BUYER,
            tables={"order_lines": (_LINES,)},
            totals=Totals(
                goods=number("totalPrice") - number("postagePrice") - number("chargePrice"),
                parts=number("totalPrice") - _COUPON - _POINTS_WORTH,
                billed=number("requestPrice"),
            ),
        ),
    ),
)
