"""`GET /v1/series`: the history of one indicator in one area that the actor is cleared for."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Protocol

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from services.delivery.domain.series import (
    MOST_POINTS,
    Kept,
    SeriesAnswer,
    SeriesQuestion,
    Step,
    answered,
)
from services.delivery.domain.series_wish import SeriesWish, question_of, series_mistakes
from services.delivery.domain.view import Audience
from services.delivery.handlers.asking import Asker, Doorkeeper
from services.delivery.handlers.parameters import refuse_if, repeated, unknown_parameters
from shared.key_ring import Scope
from shared.pack.model import Pack

PARAMETERS = ("indicator", "area", "from", "to", "step")
DESCRIPTION = (
    "En indikator i ett område av valfri nivå, steg för steg: timme, eller dygn, vecka från måndag "
    "och månad enligt kalendern i Stockholm (ett dygn är 23 eller 25 timmar när klockan ställs "
    "om). `from` och `to` är dagar eller tidpunkter; frågan gäller `[from, to)` och utvidgas till "
    f"hela steg, högst {MOST_POINTS}. Ett steg utan händelser är 0. Ett steg före `kept_from`, "
    "eller som inte har börjat, har `null`. Steget som pågår har det som har hänt hittills. Steg "
    "som är kortare än fyra av klassens räkneintervall lämnas inte ut: S2 har inga timmar, S3 varken "
    "timmar eller dygn, om kommunens policy inte säger mer. Ett område som är finare än indikatorns "
    "finaste nivå avvisas.\n\n"
    "One indicator in one area of any level, step by step: hour, or day, week from Monday and "
    "month of the Stockholm calendar (a day has 23 or 25 hours when the clock is changed). `from` "
    "and `to` are days or instants; the question is about `[from, to)`, widened to whole steps, "
    f"{MOST_POINTS} at the most. A step without events is 0. A step before `kept_from`, or that "
    "has not begun, has `null`. The step that is going on has what has happened so far. Steps "
    "shorter than four grains of the class are not offered: S2 has no hours, S3 neither hours nor "
    "days, unless the municipality's policy says more. An area finer than the indicator's finest level is "
    "refused."
)
EXAMPLE: dict[str, Any] = {
    "indicator": "vandalism_public",
    "area": "11",
    "step": "day",
    "from": "2026-10-23T22:00:00Z",
    "to": "2026-10-25T23:00:00Z",
    "as_of": "2026-11-23T12:00:00Z",
    "kept_from": "2016-11-22T23:00:00Z",
    "points": [
        {
            "start": "2026-10-23T22:00:00Z",
            "end": "2026-10-24T22:00:00Z",
            "reports": 4,
            "incidents": 3,
        },
        {
            "start": "2026-10-24T22:00:00Z",
            "end": "2026-10-25T23:00:00Z",
            "reports": 0,
            "incidents": 0,
        },
    ],
    "withheld": [],
}


# Given once each; that one is missing or given twice is told together with all other mistakes.
IndicatorCode = Annotated[list[str] | None, Query(description="indikator · indicator")]
AreaCode = Annotated[
    list[str] | None, Query(description="område av valfri nivå · any level's area")
]
From = Annotated[list[str] | None, Query(alias="from", description="dag, tidpunkt · day, instant")]
To = Annotated[list[str] | None, Query(alias="to", description="ej själv med · not included")]
StepName = Annotated[
    list[str] | None, Query(description="steg · step", json_schema_extra={"examples": [[*Step]]})
]


class SeriesReader(Protocol):
    """Reads what is kept of a series, and writes the question down before it answers."""

    async def read(
        self, question: SeriesQuestion, audience: Audience, *, is_shown: bool, as_of: datetime
    ) -> Kept | None:
        """What is kept; None if it is not to be shown."""


def routes(
    doorkeeper: Doorkeeper, history: SeriesReader, *, clock: Callable[[], datetime]
) -> APIRouter:
    """The route of series."""
    router = APIRouter()

    @router.get(
        "/v1/series",
        summary="History of one indicator in one area, by hour, day, week or month",
        description=DESCRIPTION,
        response_model=None,
        responses={200: {"content": {"application/json": {"example": EXAMPLE}}}},
    )
    async def get_series(  # noqa: PLR0913, PLR0917 - one per query parameter
        request: Request,
        asker: Annotated[Asker, Depends(doorkeeper.open_to(Scope.READ))],
        indicator: IndicatorCode = None,
        area: AreaCode = None,
        begins: From = None,
        ends: To = None,
        step: StepName = None,
    ) -> Response:
        pack = asker.municipality.pack
        given = {"indicator": indicator, "area": area, "from": begins, "to": ends, "step": step}
        wish = SeriesWish(*(values[0] if values else None for values in given.values()))
        refuse_if(
            [
                *unknown_parameters(request, PARAMETERS),
                *repeated(given),
                *series_mistakes(pack, wish),
            ]
        )
        question = question_of(wish)
        audience = Audience(pack.code, asker.actor or "")
        as_of = clock()
        kept = await history.read(
            question, audience, is_shown=_is_cleared(pack, question, audience), as_of=as_of
        )
        return _sent(answered(question, kept, as_of=as_of))

    return router


def _is_cleared(pack: Pack, question: SeriesQuestion, audience: Audience) -> bool:
    level = pack.level_of(question.area)
    return level is not None and pack.is_cleared(audience.actor, question.indicator, level)


def _sent(answer: SeriesAnswer) -> Response:
    return Response(
        msgspec.json.encode(answer),
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )
