"""The code shown under the search: how to call this page and the models, and how to search one's own pictures."""

from __future__ import annotations

from collections.abc import Mapping

from apps.fashion.engines import CLASSIC, DEEP

_API_CALL = """from gradio_client import Client, handle_file

hub = Client("{origin}")
filters = {{"colour": ["red"], "price_max": 50}}
answer = hub.predict(image=handle_file("street.jpg"), guide="red bag", filters=filters, k=5, api_name="/search_fashion")
for hit in answer["hits"]:
    print(hit["score"], hit["title"], hit["why"])

# What a photograph shows, and items by words:
hub.predict(image=handle_file("street.jpg"), guide="bag", api_name="/describe_garment")
hub.predict(words="red dress", api_name="/find_items")
"""

MODEL_CALLS = {
    DEEP: """from transformers import AutoModel

from modeling.fashion_search import DeepEyes, FashionSearch

load = lambda name: AutoModel.from_pretrained(f"hub_cards/{name}", trust_remote_code=True)
eyes = DeepEyes(load("planet-fashion-detector"), load("planet-fashion-encoder"))
search = FashionSearch.open("apps/fashion/gallery/index", eyes)
result = search.search("street.jpg", guide="women's knit cardigan", k=5)
print(result.guide, result.attributes, [(hit.score, hit.item.title) for hit in result.hits])
""",
    CLASSIC: """from transformers import AutoModel

from modeling.fashion_search import FashionSearch, ModelEyes

model = AutoModel.from_pretrained("hub_cards/planet-fashion-classic", trust_remote_code=True)
search = FashionSearch.open("apps/fashion/gallery/index-classic", ModelEyes(model, "planet-fashion-classic"))
print([(hit.score, hit.item.title) for hit in search.search("street.jpg", guide="bag", k=5).hits])
""",
}

SEARCH_CALL = """python -m apps.fashion.index MY_PICTURES --into my_index   # a folder or a CSV file
PLANET_HUB_GALLERY=my_index python app.py
"""


def api_call(headers: Mapping[str, str]) -> str:
    """The API example with the address the visitor came by."""
    scheme = headers.get("x-forwarded-proto", "http").split(",")[0]
    return _API_CALL.format(origin=f"{scheme}://{headers.get('host', '127.0.0.1:7860')}")
