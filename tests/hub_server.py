"""A stand-in Hub in memory, spoken to by the real huggingface_hub client over HTTP.

It carries what publishing and loading need: creating repositories, uploading (pre-upload, LFS, commit), information,
file trees and downloads, for models, datasets and Spaces, with private repositories and rights; and, in
`tests/hub_collections.py`, collections and the variables of a Space. It can be made to fail. It proves that this
project uses the client rightly; it does not prove the real Hub. Set `HF_ENDPOINT` to its address, and
`HF_HUB_DISABLE_XET=1`, because it stores files the older way.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import uvicorn
import yaml
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.hub_collections import add_collections, add_variables

WRITE_TOKEN, READ_TOKEN = "hf_standinwrite", "hf_standinread"
NAMESPACE = "planet-hub"
LFS_SUFFIXES = (".safetensors", ".png", ".jpg", ".parquet")
KINDS = ("models", "datasets", "spaces")


@dataclass
class Repo:
    """One repository: its commits, each the whole tree as {path: content}."""

    private: bool = False
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.commit({".gitattributes": b"*.safetensors filter=lfs diff=lfs merge=lfs -text\n"})

    def commit(self, files: dict[str, bytes]) -> str:
        self.head = secrets.token_hex(20)
        self.commits[self.head] = files
        return self.head

    def files(self, revision: str) -> dict[str, bytes] | None:
        return self.commits.get(self.head if revision == "main" else revision)


class HubError(Exception):
    """Answered as the Hub does: a status, and a code in a header from which the client picks its exception."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


def is_lfs(path: str) -> bool:
    return path.endswith(LFS_SUFFIXES)


def object_id(path: str, content: bytes) -> str:
    """SHA-256 of a large file, Git's blob id of any other."""
    if is_lfs(path):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\x00" % len(content) + content).hexdigest()


def make_app() -> FastAPI:
    """The stand-in's routes.

    Its content is in `app.state.repos`, keyed by (kind, repository name). While `app.state.broken` holds a piece of a
    request's address, that request is answered 500; a file whose path is in `app.state.cut` breaks off half way.
    """
    app = FastAPI()
    repos: dict[tuple[str, str], Repo] = {}
    blobs: dict[str, bytes] = {}
    app.state.repos = repos
    app.state.broken, app.state.cut, app.state.requests = set(), set(), []

    @app.middleware("http")
    async def fail_where_told(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        app.state.requests.append(f"{request.method} {request.url.path}")
        if any(piece in request.url.path for piece in app.state.broken):
            return JSONResponse({"error": "The stand-in was told to fail"}, status_code=500)
        return await answer(request)

    def token_of(request: Request) -> str:
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def check_writer(request: Request, repo_id: str) -> None:
        if token_of(request) not in (WRITE_TOKEN, READ_TOKEN):
            raise HubError(401, "", "Invalid username or password.")
        if token_of(request) == READ_TOKEN or repo_id.split("/")[0] != NAMESPACE:
            raise HubError(403, "", "You don't have the rights to write there")

    def find(request: Request, kind: str, repo_id: str) -> Repo:
        repo = repos.get((kind, repo_id))
        if repo is None or (repo.private and token_of(request) not in (WRITE_TOKEN, READ_TOKEN)):
            # The Hub does not tell a stranger that a private repository exists.
            raise HubError(404 if token_of(request) else 401, "RepoNotFound", "Repository not found")
        return repo

    def files_at(repo: Repo, revision: str) -> dict[str, bytes]:
        files = repo.files(revision)
        if files is None:
            raise HubError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return files

    # Before the routes of repositories, whose addresses have the same shape.
    add_collections(app, check_writer, find)
    add_variables(app, check_writer, find)

    @app.exception_handler(HubError)
    def answer_error(request: Request, error: HubError) -> Response:
        headers = {"X-Error-Code": error.code, "X-Error-Message": str(error)}
        return JSONResponse({"error": str(error)}, status_code=error.status, headers=headers)

    @app.get("/api/whoami-v2")
    def whoami(request: Request) -> dict:
        if token_of(request) not in (WRITE_TOKEN, READ_TOKEN):
            raise HubError(401, "", "Invalid username or password.")
        role = "write" if token_of(request) == WRITE_TOKEN else "read"
        return {"type": "user", "name": NAMESPACE, "auth": {"accessToken": {"role": role, "displayName": "test"}}}

    @app.post("/api/repos/create")
    async def create(request: Request) -> Response:
        body = await request.json()
        repo_id = f"{body.get('organization') or NAMESPACE}/{body['name']}"
        check_writer(request, repo_id)
        kind = f"{body.get('type') or 'model'}s"
        if kind == "spaces" and body.get("sdk") is None:
            raise HubError(400, "", "A Space needs an sdk")
        prefix = "" if kind == "models" else f"{kind}/"
        answer = {"url": f"{request.base_url}{prefix}{repo_id}", "name": repo_id}
        if (kind, repo_id) in repos:
            return JSONResponse({**answer, "error": "You already created this repo"}, status_code=409)
        repos[kind, repo_id] = Repo(private=body.get("visibility") == "private" or bool(body.get("private")))
        return JSONResponse(answer)

    @app.post("/api/validate-yaml")
    async def validate_yaml(request: Request) -> Response:
        content = (await request.json())["content"]
        try:
            yaml.safe_load(content.split("---")[1] if content.startswith("---") else "")
        except yaml.YAMLError as error:
            return JSONResponse({"errors": [{"message": str(error)}], "warnings": []}, status_code=400)
        return JSONResponse({"errors": [], "warnings": []})

    @app.post("/api/{kind}/{owner}/{name}/preupload/{revision}")
    async def preupload(request: Request, kind: str, owner: str, name: str, revision: str) -> dict:
        check_writer(request, f"{owner}/{name}")
        files = files_at(find(request, kind, f"{owner}/{name}"), revision)
        answer = []
        for entry in (await request.json())["files"]:
            path = entry["path"]
            known = object_id(path, files[path]) if path in files else None
            mode = "lfs" if is_lfs(path) else "regular"
            answer.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": known})
        return {"files": answer}

    async def lfs_batch(request: Request, kind: str, repo_id: str) -> Response:
        check_writer(request, repo_id)
        find(request, kind, repo_id)
        objects = []
        for entry in (await request.json())["objects"]:
            known = entry["oid"] in blobs
            upload = {"upload": {"href": f"{request.base_url}blobs/{entry['oid']}", "header": {}}}
            objects.append({**entry, **({} if known else {"actions": upload})})
        return JSONResponse({"transfer": "basic", "objects": objects})

    @app.post("/{owner}/{name}.git/info/lfs/objects/batch")
    async def lfs_batch_of_model(request: Request, owner: str, name: str) -> Response:
        return await lfs_batch(request, "models", f"{owner}/{name}")

    @app.post("/{kind}/{owner}/{name}.git/info/lfs/objects/batch")
    async def lfs_batch_of_other(request: Request, kind: str, owner: str, name: str) -> Response:
        return await lfs_batch(request, kind, f"{owner}/{name}")

    @app.put("/blobs/{oid}")
    async def store_blob(request: Request, oid: str) -> Response:
        content = await request.body()
        if hashlib.sha256(content).hexdigest() != oid:
            raise HubError(400, "", "The content does not have the announced SHA-256")
        blobs[oid] = content
        return Response()

    @app.post("/api/{kind}/{owner}/{name}/commit/{revision}")
    async def commit(request: Request, kind: str, owner: str, name: str, revision: str) -> dict:
        repo_id = f"{owner}/{name}"
        check_writer(request, repo_id)
        repo = find(request, kind, repo_id)
        files = dict(files_at(repo, revision))
        for line in (await request.body()).splitlines():
            apply_change(files, blobs, **json.loads(line))
        oid = repo.commit(files)
        return {"commitUrl": f"{request.base_url}{repo_id}/commit/{oid}", "commitOid": oid, "hookOutput": ""}

    def information(request: Request, kind: str, repo_id: str, revision: str) -> dict:
        repo = find(request, kind, repo_id)
        files = files_at(repo, revision)
        return {
            "_id": "0",
            "id": repo_id,
            "sha": repo.head if revision == "main" else revision,
            "private": repo.private,
            "tags": [],
            "downloads": 0,
            "likes": 0,
            "siblings": [{"rfilename": path} for path in sorted(files)],
        }

    @app.get("/api/{kind}/{owner}/{name}")
    def information_of_head(request: Request, kind: str, owner: str, name: str) -> dict:
        return information(request, kind, f"{owner}/{name}", "main")

    @app.get("/api/{kind}/{owner}/{name}/revision/{revision}")
    def information_of_revision(request: Request, kind: str, owner: str, name: str, revision: str) -> dict:
        return information(request, kind, f"{owner}/{name}", revision)

    @app.get("/api/{kind}/{owner}/{name}/tree/{revision}")
    @app.get("/api/{kind}/{owner}/{name}/tree/{revision}/{folder:path}")
    def tree(request: Request, kind: str, owner: str, name: str, revision: str, folder: str = "") -> list[dict]:
        files = files_at(find(request, kind, f"{owner}/{name}"), revision)
        prefix = f"{folder}/" if folder else ""
        recursive = request.query_params.get("recursive", "").lower() == "true"
        inside = {path: files[path] for path in sorted(files) if path.startswith(prefix)}
        if folder and not inside:
            raise HubError(404, "EntryNotFound", f"{folder} does not exist")
        return tree_entries(inside, prefix, recursive)

    def download(request: Request, kind: str, repo_id: str, revision: str, path: str) -> Response:
        repo = find(request, kind, repo_id)
        files = files_at(repo, revision)
        head = repo.head if revision == "main" else revision
        if path not in files:
            headers = {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": head}
            return Response("Entry not found", status_code=404, headers=headers)
        headers = {
            "X-Repo-Commit": head,
            "ETag": f'"{object_id(path, files[path])}"',
            "Content-Length": str(len(files[path])),
        }
        body = b"" if request.method == "HEAD" else files[path]
        if path in app.state.cut:
            body = body[: len(body) // 2]
        return Response(body, headers=headers, media_type="application/octet-stream")

    @app.api_route("/{owner}/{name}/resolve/{revision}/{path:path}", methods=["GET", "HEAD"])
    def download_of_model(request: Request, owner: str, name: str, revision: str, path: str) -> Response:
        return download(request, "models", f"{owner}/{name}", revision, path)

    @app.api_route("/{kind}/{owner}/{name}/resolve/{revision}/{path:path}", methods=["GET", "HEAD"])
    def download_of_other(request: Request, kind: str, owner: str, name: str, revision: str, path: str) -> Response:
        return download(request, kind, f"{owner}/{name}", revision, path)

    return app


def apply_change(files: dict[str, bytes], blobs: dict[str, bytes], key: str, value: dict) -> None:
    """Carry out one line of a commit on the tree `files`."""
    if key == "file":
        files[value["path"]] = base64.b64decode(value["content"])
    elif key == "lfsFile":
        if value["oid"] not in blobs:
            raise HubError(400, "", f"{value['path']} was committed before it was uploaded")
        files[value["path"]] = blobs[value["oid"]]
    elif key == "deletedFile":
        del files[value["path"]]
    elif key != "header":
        raise HubError(400, "", f"The stand-in does not know the change {key!r}")


def tree_entries(files: dict[str, bytes], prefix: str, recursive: bool) -> list[dict]:
    """The Hub's listing of `files`, folders before what lies in them."""
    entries: dict[str, dict] = {}
    for path, content in files.items():
        parts = path.removeprefix(prefix).split("/")
        for depth in range(1, len(parts)):
            folder = prefix + "/".join(parts[:depth])
            entries.setdefault(folder, {"type": "directory", "oid": "0" * 40, "size": 0, "path": folder})
        if len(parts) == 1 or recursive:
            oid = object_id(path, content)
            entry = {"type": "file", "oid": oid, "size": len(content), "path": path}
            large = {"lfs": {"oid": oid, "size": len(content), "pointerSize": 130}} if is_lfs(path) else {}
            entries[path] = entry | large
    return list(entries.values()) if recursive else [e for e in entries.values() if "/" not in e["path"][len(prefix) :]]


class HubServer:
    """The stand-in on a free port, in a thread: `with HubServer() as hub: ... hub.url`."""

    def __enter__(self) -> HubServer:
        self.app = make_app()
        self.repos: dict[tuple[str, str], Repo] = self.app.state.repos
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(self.app, log_level="error", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listener]}, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline:
                raise RuntimeError("The stand-in Hub did not start within 10 seconds")
            time.sleep(0.01)
        return self

    def __exit__(self, *error: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
