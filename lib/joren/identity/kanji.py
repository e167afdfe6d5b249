"""Variant kanji of names, folded for comparison.

NFKC leaves 髙, 﨑 and the registry forms (邉, 齋, 濵) as they are, and variation selectors too.
"""

from __future__ import annotations

import re
import unicodedata

# the first character of each group stands for all
_GROUPS = """
高髙 崎﨑嵜碕﨧 吉𠮷 斉斎齋齊 辺邊邉 浜濱濵 真眞 島嶋嶌 桜櫻 沢澤 広廣 国國圀
滝瀧 竜龍 恵惠 栄榮 徳德 曽曾 増增 黒黑 条條 万萬 実實 寛寬 学學 関關 蔵藏
与與 礼禮 弥彌 穂穗 静靜 豊豐 鉄鐵 寿壽 聡聰 総總 浄淨 渓溪谿 浅淺 荘莊
芸藝 円圓 応應 戸戶 内內 桑桒 柳栁 館舘 槙槇 遥遙 凛凜 富冨 峰峯 淵渕渊
桧檜 籠篭 薮藪 頼賴 瑶瑤 船舩 塩鹽 来來 気氣 伝傳 仏佛 亜亞 衛衞 悦悅 横橫
歩步 緑綠 郎郞 清淸 青靑 鶴靏鸖靍 芦蘆 恒恆 懐懷 楽樂 巌巖 巻卷 県縣 検檢
験驗 顕顯 剣劍劔 児兒 従從 縦縱 叙敍 将將 尚尙 奨奬 乗乘 嬢孃 壌壤 譲讓
慎愼 尽盡 粋粹 数數 瀬瀨 専專 銭錢 双雙 壮壯 痩瘦 帯帶 単單 団團 弾彈 鋳鑄
庁廳 灯燈 当當 党黨 稲稻 届屆 秘祕 瓶甁 倹儉 閲閱 様樣 謡謠 覧覽 涙淚 塁壘
励勵 霊靈 歴歷 恋戀 錬鍊 炉爐 労勞 楼樓 禄祿 湾灣 鴎鷗 祢禰 桝枡舛
"""
_VARIANTS = str.maketrans({variant: group[0] for group in _GROUPS.split() for variant in group[1:]})
# standardised (FE00) and ideographic (E0100) variation selectors, zero-width characters
_INVISIBLE = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u200b-\u200f\u2060\ufeff\u00ad]")


def fold_kanji(text: str) -> str:
    """The text in NFKC, without variation selectors, with variant kanji replaced.

    髙﨑 → 高崎, 𠮷田 → 吉田, 佐々木 → 佐佐木.
    """
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).translate(_VARIANTS)
    return re.sub("(.)々", r"\1\1", folded)
