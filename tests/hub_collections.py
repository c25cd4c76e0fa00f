"""Collections and Space variables for the stand-in Hub of `tests/hub_server.py`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

SHOWN_IN_LISTING = 4
LONGEST_DESCRIPTION = 150
Check = Callable[[Request, str], object]


def add_collections(app: FastAPI, check_writer: Check, find: Callable[[Request, str, str], object]) -> None:
    """The routes; the collections are in `app.state.collections`, keyed by slug.

    Args:
        check_writer: refuses a request whose token may not write to that repository.
        find: refuses a request for a repository that does not exist, by kind and name.
    """
    collections: dict[str, dict] = {}
    app.state.collections = collections

    def wanted(request: Request, slug: str) -> dict | None:
        found = collections.get(slug)
        hidden = found is not None and found["private"] and not request.headers.get("authorization")
        return None if hidden else found

    @app.get("/api/collections")
    def listing(request: Request, owner: str) -> list[dict]:
        found = [collections[slug] for slug in sorted(collections) if collections[slug]["owner"]["name"] == owner]
        seen = [collection for collection in found if wanted(request, collection["slug"])]
        shown = [{**collection, "items": collection["items"][:SHOWN_IN_LISTING]} for collection in seen]
        # The client numbers what it lists.
        return [{name: value for name, value in one.items() if name != "position"} for one in shown]

    @app.post("/api/collections")
    async def create(request: Request) -> Response:
        body = await request.json()
        check_writer(request, f"{body['namespace']}/collection")
        if len(body.get("description") or "") > LONGEST_DESCRIPTION:
            return JSONResponse({"error": "The description is too long"}, status_code=400)
        for slug, known in collections.items():
            if (known["owner"]["name"], known["title"]) == (body["namespace"], body["title"]):
                return JSONResponse({"error": "It exists", "slug": slug}, status_code=409)
        words = re.sub(r"[^a-z0-9]+", "-", body["title"].lower())
        slug = f"{body['namespace']}/{words}-{secrets.token_hex(12)}"
        collections[slug] = {
            "slug": slug,
            "title": body["title"],
            "description": body.get("description"),
            "owner": {"name": body["namespace"]},
            "private": body["private"],
            "items": [],
            "lastUpdated": "2026-01-01T00:00:00.000Z",
            "position": 0,
            "theme": "blue",
            "upvotes": 0,
        }
        return JSONResponse(collections[slug])

    @app.get("/api/collections/{owner}/{name}")
    def one(request: Request, owner: str, name: str) -> Response:
        found = wanted(request, f"{owner}/{name}")
        if found is None:
            return JSONResponse({"error": "Collection not found"}, status_code=404)
        return JSONResponse(found)

    @app.post("/api/collections/{owner}/{name}/items")
    async def add(request: Request, owner: str, name: str) -> Response:
        check_writer(request, f"{owner}/{name}")
        found = wanted(request, f"{owner}/{name}")
        if found is None:
            return JSONResponse({"error": "Collection not found"}, status_code=404)
        item = (await request.json())["item"]
        find(request, f"{item['type']}s", item["id"])
        if any((known["id"], known["type"]) == (item["id"], item["type"]) for known in found["items"]):
            return JSONResponse({"error": "It is in the collection"}, status_code=409)
        found["items"].append({"_id": secrets.token_hex(12), **item, "position": len(found["items"])})
        return JSONResponse(found)


def add_variables(app: FastAPI, check_writer: Check, find: Callable[[Request, str, str], object]) -> None:
    """Routes for the variables of a Space; they are in `app.state.variables`, keyed by the Space's name."""
    variables: dict[str, dict[str, dict]] = {}
    app.state.variables = variables

    @app.get("/api/spaces/{owner}/{name}/variables")
    def read(request: Request, owner: str, name: str) -> dict:
        find(request, "spaces", f"{owner}/{name}")
        return variables.get(f"{owner}/{name}", {})

    @app.post("/api/spaces/{owner}/{name}/variables")
    async def write(request: Request, owner: str, name: str) -> dict:
        check_writer(request, f"{owner}/{name}")
        find(request, "spaces", f"{owner}/{name}")
        body = await request.json()
        entry = {"key": body["key"], "value": body["value"], "updatedAt": "2026-01-01T00:00:00.000Z"}
        variables.setdefault(f"{owner}/{name}", {})[body["key"]] = entry
        return variables[f"{owner}/{name}"]
