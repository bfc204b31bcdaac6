"""`GET /v1/counts`: the exact counts that the actor is cleared for, now."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from services.delivery.domain.mistake import Mistake
from services.delivery.domain.selection import Selection, Wanted, selected
from services.delivery.domain.view import Audience, Plan, View, WrittenView, plan
from services.delivery.handlers.asking import Asker, Doorkeeper
from services.delivery.handlers.parameters import (
    TRUTH,
    Codes,
    level_mistakes,
    refuse_if,
    repeated,
    selection_mistakes,
    truth_mistakes,
    unknown_parameters,
)
from shared.key_ring import Scope

PARAMETERS = ("indicator", "area", "level", "window", "zeros")


class ViewReader(Protocol):
    """Reads the view of a plan, and writes the question down before it answers."""

    async def read(
        self, plan: Plan, audience: Audience, *, selection: Selection, zeros: bool
    ) -> View | WrittenView:
        """The view."""


def routes(
    doorkeeper: Doorkeeper, counts: ViewReader, *, clock: Callable[[], datetime]
) -> APIRouter:
    """The route of counts."""
    router = APIRouter()

    @router.get("/v1/counts", summary="Counts per area, indicator and window, as of now")
    async def get_counts(  # noqa: PLR0913, PLR0917 - one per query parameter
        request: Request,
        asker: Annotated[Asker, Depends(doorkeeper.open_to(Scope.READ))],
        indicator: Codes = None,
        area: Codes = None,
        level: Codes = None,
        window: Codes = None,
        zeros: Codes = None,
    ) -> Response:
        pack = asker.municipality.pack
        refuse_if(unknown_parameters(request, PARAMETERS) + _singles(level, zeros))
        wanted = Wanted(indicator, area, int(level[0]) if level else None, window)
        refuse_if(selection_mistakes(pack, wanted))
        selection = selected(pack, wanted)
        audience = Audience(pack.code, asker.actor or "")
        view = await counts.read(
            plan(pack, selection, actor=audience.actor, as_of=clock()),
            audience,
            selection=selection,
            zeros=bool(zeros and TRUTH[zeros[0]]),
        )
        return Response(
            msgspec.json.encode(view),
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    return router


def _singles(level: list[str] | None, zeros: list[str] | None) -> list[Mistake]:
    """What is wrong with the parameters that are given once and have a form of their own."""
    return [
        *repeated({"level": level, "zeros": zeros}),
        *level_mistakes(level),
        *truth_mistakes({"zeros": zeros}),
    ]
