"""What the fidelity suite is made of: natural sentences of shops and newspapers, names, brands and sounds.

In a template {} takes the generated expression.
"""

from __future__ import annotations

COUNTED = (
    "今天一共收到{}个订单。",
    "仓库里还有{}件商品。",
    "这次活动有{}人参加。",
    "本店已售出{}双鞋。",
    "调查对象为{}名消费者。",
)
MEASURED = ("这件商品重{}公斤。", "平均评分为{}分。", "汇率降至{}元。", "气温将达到{}度。", "总分为{}分。")
SHARES = ("本次投票率达到{}。", "出口额比去年增长{}。", "这款面料含棉{}。", "全场商品优惠{}。", "失业率下降至{}。")
AMOUNTS = (
    "公司去年销售额达到{}元。",
    "该城市人口超过{}人。",
    "这部电影的票房为{}元。",
    "政府将投资{}元。",
    "网店卖出了{}件商品。",
)
DATES = ("商品将于{}发货。", "展览从{}开始。", "会议将于{}举行。", "优惠活动到{}结束。", "他出生于{}。")
PRICES = ("这条裙子的价格是{}。", "现在购买只需{}。", "退款金额为{}。", "运费为{}。", "原价{}，现在打折。")
CODES = ("请输入商品编号{}。", "型号为{}的产品已经售罄。", "订单号是{}。", "我想退货，货号是{}。", "{}有现货吗？")
LINKS = ("详情请访问{}。", "请点击{}查看订单。", "退货申请请发送到{}。", "请在{}下载应用。", "客服邮箱是{}。")
LATIN = ("我买了{}的手机。", "{}公司发布了新产品。", "这款{}很受欢迎。", "他在{}工作。", "请安装{}软件。")
UNITS = ("净含量为{}。", "这个包重{}。", "长度为{}。", "电池容量为{}。", "屏幕尺寸为{}。")
JOSA = ("{}很受欢迎。", "我买了{}。", "{}已经到货。", "请把{}发给我。", "我喜欢{}。", "请换成{}。")

NAMES = {
    "北京": "베이징",
    "上海": "상하이",
    "首尔": "서울",
    "釜山": "부산",
    "东京": "도쿄",
    "纽约": "뉴욕",
    "伦敦": "런던",
    "巴黎": "파리",
    "广州": "광저우",
    "深圳": "선전",
    "青岛": "칭다오",
    "成都": "청두",
}
BRANDS = (
    "Samsung",
    "iPhone",
    "NewYorkee",
    "OpenAI",
    "LG",
    "NorthPeaky",
    "YouTube",
    "McQueen",
    "eBay",
    "FRESCADO",
    "ThinkPad",
    "PlayStation",
    "GoPro",
    "BTS",
    "KeSPA",
    "AirPods",
    "MacBook",
    "xBoard",
)
TWINS = (
    ("这件衣服{}元。", "這件衣服{}元。"),
    ("我们将在{}天内发货。", "我們將在{}天內發貨。"),
    ("请填写电话号码{}。", "請填寫電話號碼{}。"),
    ("仓库里有{}台电脑。", "倉庫裡有{}臺電腦。"),
    ("国会通过了第{}号议案。", "國會通過了第{}號議案。"),
    ("这双鞋适合{}岁的儿童。", "這雙鞋適合{}歲的兒童。"),
)
SOUNDS = {
    "none": ("LA", "NIKE", "SONY", "KIA", "TIVOLI"),
    "l": ("Seoul", "Apple", "Dell"),
    "other": ("Amazon", "Gram", "Bacon"),
}
"""Words by how their reading ends: without a consonant, with ㄹ, with another."""
DIGIT_SOUNDS = dict(
    zip("0123456789", ("other", "l", "none", "other", "none", "none", "other", "l", "l", "none"), strict=True)
)
WRONG = {"none": "(?:은|이|을|과|으로)", "l": "(?:는|가|를|와|으로)", "other": "(?:는|가|를|와|로)"}
