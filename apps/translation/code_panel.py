"""The code shown under the translator: how to call this page and the model itself."""

from __future__ import annotations

from collections.abc import Mapping

_API_CALL = """from gradio_client import Client, handle_file

hub = Client("{origin}")
answer = hub.predict(text="我来自首尔。", system="{system}", n_best=3, api_name="/translate")
print(answer["text"], answer["alternatives"], answer["warning"])

# A file of lines in, a file of the same lines in Korean out:
path = hub.predict(file=handle_file("lines.txt"), system="{system}", api_name="/translate_file")
"""

_MODEL_CALLS = {
    "planet-nmt-zh-ko": """from transformers import AutoModelForSeq2SeqLM

model = AutoModelForSeq2SeqLM.from_pretrained("hub_cards/planet-nmt-zh-ko", trust_remote_code=True)
(translation,) = model.translate(["我来自首尔。"], nbest=3)
print(translation.text, translation.alternatives, translation.copied)
""",
    "planet-smt-zh-ko": """from modeling.planet_smt import PlanetSmt

model = PlanetSmt.from_pretrained("hub_cards/planet-smt-zh-ko")
(translation,) = model.translate(["我来自首尔。"], nbest=3)
print(translation.text, translation.derivation)
""",
}


def api_call(headers: Mapping[str, str], system: str) -> str:
    """The API example with the address the visitor came by and a translator that is there."""
    scheme = headers.get("x-forwarded-proto", "http").split(",")[0]
    return _API_CALL.format(origin=f"{scheme}://{headers.get('host', '127.0.0.1:7860')}", system=system)


def model_call(name: str) -> str:
    """How to use a published translator without this page."""
    return _MODEL_CALLS[name]
