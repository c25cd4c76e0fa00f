"""Planet Fashion Search: a picture in, with a word on which garment is meant; its look-alikes and the reasons out."""

from .catalogue_fashion_search import Catalogue, Page
from .config_fashion_search import IndexConfig
from .database_fashion_search import CatalogueDamaged
from .eyes_fashion_search import DeepEyes, Eyes, ModelEyes
from .guide_fashion_search import Guide, GuideExtractor
from .histogram_fashion_search import colour_histogram
from .narrowing_fashion_search import Filters
from .results_fashion_search import (
    Attribute,
    BuildReport,
    Category,
    Detection,
    Failure,
    Hit,
    Item,
    Look,
    NewItem,
    Note,
    SearchResult,
)
from .searching_fashion_search import FashionSearch
from .sources_fashion_search import from_csv, from_folder
from .vectors_fashion_search import VectorIndex

__all__ = [
    "Attribute",
    "BuildReport",
    "Catalogue",
    "CatalogueDamaged",
    "Category",
    "DeepEyes",
    "Detection",
    "Eyes",
    "Failure",
    "FashionSearch",
    "Filters",
    "Guide",
    "GuideExtractor",
    "Hit",
    "IndexConfig",
    "Item",
    "Look",
    "ModelEyes",
    "NewItem",
    "Note",
    "Page",
    "SearchResult",
    "VectorIndex",
    "colour_histogram",
    "from_csv",
    "from_folder",
]
