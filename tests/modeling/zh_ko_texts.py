"""Texts that properties of the Chinese and Korean processors are tried on."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
MIXED = st.text(
    st.one_of(
        st.sampled_from("中国人在北京買了三百五十萬元的東西，。！？：（）《》「」年月日％１２Ａｂ　￥～⟦⟧N0L1P2"),
        st.sampled_from("0123456789.,%-:/~xABCabc@#{}<>& \t\n가나다은는"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)
