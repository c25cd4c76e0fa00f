"""The code shown under the card reader: how to call this page and the model itself."""

from __future__ import annotations

from collections.abc import Mapping

_API_CALL = """from gradio_client import Client, handle_file

hub = Client("{origin}")
reading = hub.predict(image=handle_file("card.jpg"), api_name="/read_card")
print(reading["decision"], reading["masked"], reading["message"])
# The number in full comes only when asked for: hub.predict(..., reveal=True, ...)["number"]
"""

MODEL_CALL = """from transformers import AutoModel

reader = AutoModel.from_pretrained("hub_cards/planet-card-ocr", trust_remote_code=True)
reading = reader.read("card.jpg")  # a path, a PIL image or a numpy array
print(reading.decision, reading.masked, reading.message)
"""

API_CALL = _API_CALL.format(origin="http://127.0.0.1:7860")


def api_call(headers: Mapping[str, str]) -> str:
    """The API example with the address the visitor came by."""
    scheme = headers.get("x-forwarded-proto", "http").split(",")[0]
    return _API_CALL.format(origin=f"{scheme}://{headers.get('host', '127.0.0.1:7860')}")
