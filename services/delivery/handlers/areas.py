"""`GET /v1/areas`: the areas of every level as GeoJSON, for whoever draws a map."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.delivery.handlers.asking import Asker, Doorkeeper
from services.delivery.handlers.parameters import (
    TRUTH,
    Codes,
    refuse_if,
    repeated,
    truth_mistakes,
)
from shared.key_ring import Scope
from shared.pack.drawing import area_collection
from shared.pack.model import Pack

MEDIA_TYPE = "application/geo+json"
CACHING = "private, max-age=300"


@dataclass(frozen=True, slots=True)
class AreaFile:
    """Areas of one municipality, ready to be sent."""

    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class AreaFiles:
    """The areas in use, and the same with those that have ended."""

    in_use: AreaFile
    ever: AreaFile


def prepared(pack: Pack) -> AreaFiles:
    """The municipality's areas, written once.

    Raises:
        PackError: the pack's borders are wrong.
    """
    in_use = _written(pack, retired=False)
    return AreaFiles(in_use, _written(pack, retired=True) if pack.retired else in_use)


def _written(pack: Pack, *, retired: bool) -> AreaFile:
    content = msgspec.json.encode(area_collection(pack, retired=retired))
    return AreaFile(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def routes(doorkeeper: Doorkeeper, files: Mapping[str, AreaFiles]) -> APIRouter:
    """The route of areas; any key of the municipality may ask."""
    router = APIRouter()

    @router.get("/v1/areas", summary="The areas of every level, GeoJSON in CRS84")
    async def get_areas(
        request: Request,
        asker: Annotated[Asker, Depends(doorkeeper.open_to(*Scope))],
        retired: Codes = None,
    ) -> Response:
        refuse_if(repeated({"retired": retired}) + truth_mistakes({"retired": retired}))
        written = files[asker.municipality.pack.code]
        file = written.ever if retired and TRUTH[retired[0]] else written.in_use
        headers = {"etag": file.etag, "cache-control": CACHING, "vary": "authorization"}
        if _has(request.headers.get("if-none-match"), file.etag):
            return Response(status_code=304, headers=headers)
        return Response(file.content, media_type=MEDIA_TYPE, headers=headers)

    return router


def _has(if_none_match: str | None, etag: str) -> bool:
    """Whether the asker has this very version (RFC 9110 §13.1.2 compares weakly)."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in tags or etag in tags
