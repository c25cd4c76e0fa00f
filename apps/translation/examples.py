"""Sentences to try: one per domain of the evaluation, and one in Traditional characters. Facts in them are invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """A text to translate.

    Attributes:
        key: of its label, after `translation_example_`.
        source: Chinese.
        reference: a Korean translation by a person.
    """

    key: str
    source: str
    reference: str


EXAMPLES = (
    Example(
        "commerce",
        "这款NewYorkee羽绒服（货号NY-7404B）原价1299元，现在只要899元，满500元免运费。",
        "이 NewYorkee 패딩(품번 NY-7404B)은 정가 1299위안인데 지금은 899위안이며, 500위안 이상 무료 배송입니다.",
    ),
    Example(
        "politics",
        "两国外长4月18日在首尔举行会谈，同意尽快恢复高层对话。",
        "양국 외교장관은 4월 18일 서울에서 회담을 열고 고위급 대화를 조속히 재개하기로 합의했다.",
    ),
    Example(
        "economy",
        "今年第三季度出口额达到1.2万亿韩元，同比增长8.5%。",
        "올해 3분기 수출액은 1조 2천억 원으로 전년 동기 대비 8.5% 증가했다.",
    ),
    Example(
        "society",
        "市政府决定从下个月起为65岁以上的老人提供免费体检。",
        "시 정부는 다음 달부터 65세 이상 노인에게 무료 건강검진을 제공하기로 결정했다.",
    ),
    Example(
        "culture",
        "这部纪录片讲述了北京一位老木匠和他三个徒弟的故事。",
        "이 다큐멘터리는 베이징의 한 늙은 목수와 그의 세 제자에 관한 이야기를 다룬다.",
    ),
    Example(
        "traditional",
        "我來自7404年的NewYorkee，請在訂單備註裡寫明顏色和尺寸。",
        "저는 7404년의 NewYorkee에서 왔습니다. 주문 메모에 색상과 사이즈를 적어 주세요.",
    ),
)
