"""Vectors in Milvus, for catalogues that outgrow one machine: the same contract as `FaissIndex`, and the same answers.

A server stores signatures as binary vectors and compares them by Hamming distance. Milvus Lite (a file ending in .db)
has no binary vectors; there the bits are kept as -1 and +1, whose inner product is bits - 2 * Hamming distance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .vectors_fashion_search import SHORTLIST, Mode, best, check_items, check_query

BATCH = 500
"""Items a request carries at most: a message of Milvus holds 64 MB, and one item has up to 8 KB."""


class MilvusIndex:
    """A `VectorIndex` in one collection of a Milvus server or a Milvus Lite file.

    Args:
        uri: of the server, e.g. "http://milvus:19530", or the path of a Milvus Lite file ending in ".db".
        dimension: length of a feature.
        bits: length of a signature.
        collection: its name; made if it is not there.
        token: "user:password" or an API key, for servers that ask for one.

    Raises:
        ValueError: if pymilvus is not installed, or the collection has vectors of another size.
    """

    def __init__(self, uri: str, dimension: int, bits: int, collection: str = "planet_fashion", token: str = ""):
        try:
            from pymilvus import MilvusClient
        except ImportError:
            raise ValueError("The backend 'milvus' needs the package pymilvus: pip install pymilvus") from None
        self.dimension, self.width, self.collection = dimension, bits // 8, collection
        self._signs = _Signs(bits) if uri.endswith(".db") else _Bits(bits)
        self._client = MilvusClient(uri, token=token)
        if self._client.has_collection(collection):
            self._check_collection()
        else:
            self._make_collection()
        self._client.load_collection(collection)

    @property
    def size(self) -> int:
        """Number of items."""
        counted = self._client.query(self.collection, filter="", output_fields=["count(*)"], consistency_level="Strong")
        return int(counted[0]["count(*)"])

    def ids(self) -> np.ndarray:
        """Every item's id: N int64, ascending."""
        pages = self._client.query_iterator(
            self.collection, batch_size=_WINDOW, filter="", output_fields=["id"], consistency_level="Strong"
        )
        found: list[int] = []
        while rows := pages.next():
            found += (int(row["id"]) for row in rows)
        pages.close()
        return np.sort(np.array(found, np.int64))

    def add(self, ids: np.ndarray, features: np.ndarray, signatures: np.ndarray) -> None:
        """Adds items. See `VectorIndex.add`."""
        ids, features, signatures = check_items(ids, features, signatures, self.dimension, self.width)
        if known := self._present(ids):
            raise ValueError(f"ids must be new, but these are in the index: {sorted(known)[:5]}")
        for start in range(0, len(ids), BATCH):
            rows = [
                {"id": int(one), "feature": feature.tolist(), "signature": self._signs.stored(signature)}
                for one, feature, signature in zip(
                    ids[start : start + BATCH],
                    features[start : start + BATCH],
                    signatures[start : start + BATCH],
                    strict=True,
                )
            ]
            self._client.insert(self.collection, rows)

    def remove(self, ids: np.ndarray) -> int:
        """Takes items out. See `VectorIndex.remove`."""
        gone = sorted(self._present(np.asarray(ids, np.int64)))
        for start in range(0, len(gone), BATCH):
            self._client.delete(self.collection, ids=gone[start : start + BATCH])
        return len(gone)

    def search(
        self,
        feature: np.ndarray | None,
        signature: np.ndarray | None,
        k: int,
        allowed_ids: np.ndarray | None = None,
        mode: Mode = "two-stage",
    ) -> tuple[np.ndarray, np.ndarray]:
        """The nearest items. See `VectorIndex.search`."""
        check_query(feature, signature, k, mode, self.dimension, self.width)
        if allowed_ids is not None and len(allowed_ids) == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if mode == "float":
            ids, scores = self._nearest("feature", np.asarray(feature, np.float32).tolist(), "IP", k, allowed_ids)
            return best(ids, scores, k)
        wanted = k if mode == "binary" else max(k, SHORTLIST)
        query = self._signs.stored(signature)
        ids, answers = self._nearest("signature", query, self._signs.metric, wanted, allowed_ids)
        if mode == "binary":
            return best(ids, self._signs.shares(answers), k)
        return best(*self._compared(ids, np.asarray(feature, np.float32)), k)

    def save(self, stamp: str) -> None:
        """Nothing: the server keeps its vectors."""

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def drop(self) -> None:
        """Deletes the collection with all its vectors."""
        self._client.drop_collection(self.collection)

    def _nearest(
        self, field: str, query: Any, metric: str, k: int, allowed: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ids and answers in Milvus's own measure."""
        # Spelled out: Milvus Lite knows no filter parameters.
        only = "" if allowed is None else f"id in {np.asarray(allowed, np.int64).tolist()}"
        (hits,) = self._client.search(
            self.collection,
            data=[query],
            anns_field=field,
            limit=min(k, _WINDOW),
            search_params={"metric_type": metric},
            filter=only,
            consistency_level="Strong",
        )
        ids = np.array([hit["id"] for hit in hits], np.int64)
        return ids, np.array([hit["distance"] for hit in hits], np.float32)

    def _compared(self, ids: np.ndarray, feature: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ids with the cosines of their features."""
        if not len(ids):
            return ids, np.empty(0, np.float32)
        rows = self._client.get(self.collection, ids=ids.tolist(), output_fields=["id", "feature"])
        found = np.array([row["id"] for row in rows], np.int64)
        return found, np.array([row["feature"] for row in rows], np.float32) @ feature

    def _present(self, ids: np.ndarray) -> set[int]:
        """Those of `ids` that are in the collection."""
        found: set[int] = set()
        for start in range(0, len(ids), _WINDOW):
            rows = self._client.get(
                self.collection,
                ids=ids[start : start + _WINDOW].tolist(),
                output_fields=["id"],
                consistency_level="Strong",
            )
            found |= {int(row["id"]) for row in rows}
        return found

    def _make_collection(self) -> None:
        from pymilvus import DataType, MilvusClient

        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("id", DataType.INT64, is_primary=True)
        schema.add_field("feature", DataType.FLOAT_VECTOR, dim=self.dimension)
        schema.add_field("signature", DataType[self._signs.kind], dim=8 * self.width)
        indexes = MilvusClient.prepare_index_params()
        indexes.add_index("feature", index_type="FLAT", metric_type="IP")
        indexes.add_index("signature", index_type=self._signs.index, metric_type=self._signs.metric)
        self._client.create_collection(self.collection, schema=schema, index_params=indexes, consistency_level="Strong")

    def _check_collection(self) -> None:
        fields = self._client.describe_collection(self.collection)["fields"]
        sizes = {one["name"]: int(one["params"]["dim"]) for one in fields if "dim" in one.get("params", {})}
        wanted = {"feature": self.dimension, "signature": 8 * self.width}
        if sizes != wanted:
            raise ValueError(f"The collection {self.collection!r} must have vectors of {wanted}, it has {sizes}")


_WINDOW = 16_384
"""Rows that one answer of Milvus holds at most."""


class _Bits:
    """Signatures as binary vectors, what a server has."""

    kind, index, metric = "BINARY_VECTOR", "BIN_FLAT", "HAMMING"

    def __init__(self, bits: int):
        self.bits = bits

    def stored(self, signature: np.ndarray) -> bytes:
        """A signature as Milvus takes it."""
        return signature.tobytes()

    def shares(self, answers: np.ndarray) -> np.ndarray:
        """Milvus's distances as shares of equal bits."""
        return 1 - answers / self.bits


class _Signs:
    """Signatures as vectors of -1 and +1, what Milvus Lite can do."""

    kind, index, metric = "FLOAT_VECTOR", "FLAT", "IP"

    def __init__(self, bits: int):
        self.bits = bits

    def stored(self, signature: np.ndarray) -> list[float]:
        """A signature as Milvus takes it."""
        return (np.unpackbits(signature).astype(np.float32) * 2 - 1).tolist()

    def shares(self, answers: np.ndarray) -> np.ndarray:
        """Milvus's inner products as shares of equal bits."""
        return (answers / self.bits + 1) / 2


__all__ = ["MilvusIndex"]
