"""`GET /v1/statistics`: the periodic figures that the actor is cleared for, as they stand now."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from services.delivery.domain.selection import Wanted
from services.delivery.domain.statistic_wish import StatisticWish, question_of, wish_mistakes
from services.delivery.domain.statistics import (
    Figure,
    StatisticAnswer,
    StatisticQuestion,
    answered,
    cleared,
)
from services.delivery.domain.view import Audience
from services.delivery.handlers.asking import Asker, Doorkeeper
from services.delivery.handlers.parameters import (
    Codes,
    level_mistakes,
    refuse_if,
    repeated,
    selection_mistakes,
    unknown_parameters,
)
from shared.key_ring import Scope

PARAMETERS = ("indicator", "area", "level", "period", "from", "to")
DESCRIPTION = (
    "Summor av täljare och nämnare per område, aldrig medelvärden av andelar; den som vill ha en "
    "andel dividerar. Ett område som ingen har rapporterat har inget värde: saknat är inte noll. "
    "`areas_reported` av `areas_expected` områden på finaste nivån ingår. Olika aktörers siffror "
    "läggs aldrig ihop. `from` och `to` är dagar: perioder som börjar från och med `from` och före "
    "`to`.\n\n"
    "Sums of numerators and denominators per area, never averages of shares; who wants a share "
    "divides. An area that nobody reported has no value: missing is not zero. `areas_reported` of "
    "`areas_expected` areas of the finest level are in the sum. Different actors' figures are "
    "never added together. `from` and `to` are days: periods that begin on or after `from` and "
    "before `to`."
)

FromDay = Annotated[list[str] | None, Query(alias="from")]
ToDay = Annotated[list[str] | None, Query(alias="to")]


class FigureReader(Protocol):
    """Reads figures, and writes the question down before it answers."""

    async def read(
        self,
        question: StatisticQuestion,
        audience: Audience,
        *,
        shown: Sequence[str],
        as_of: datetime,
    ) -> list[Figure]:
        """The figures of the indicators in `shown`, of every area."""


def routes(
    doorkeeper: Doorkeeper, figures: FigureReader, *, clock: Callable[[], datetime]
) -> APIRouter:
    """The route of statistics."""
    router = APIRouter()

    @router.get(
        "/v1/statistics",
        summary="Periodic figures per area, indicator and period, summed to a level",
        description=DESCRIPTION,
        response_model=None,
    )
    async def get_statistics(  # noqa: PLR0913, PLR0917 - one per query parameter
        request: Request,
        asker: Annotated[Asker, Depends(doorkeeper.open_to(Scope.READ))],
        indicator: Codes = None,
        area: Codes = None,
        level: Codes = None,
        period: Codes = None,
        begins_from: FromDay = None,
        begins_before: ToDay = None,
    ) -> Response:
        pack = asker.municipality.pack
        singles = {"level": level, "from": begins_from, "to": begins_before}
        refuse_if(
            unknown_parameters(request, PARAMETERS) + repeated(singles) + level_mistakes(level)
        )
        wish = StatisticWish(
            indicators=indicator,
            wanted=Wanted(None, area, int(level[0]) if level else None, None),
            periods=period,
            begins_from=begins_from[0] if begins_from else None,
            begins_before=begins_before[0] if begins_before else None,
        )
        refuse_if([*wish_mistakes(pack, wish), *selection_mistakes(pack, wish.wanted)])
        question = question_of(pack, wish)
        audience = Audience(pack.code, asker.actor or "")
        shown = cleared(pack, question, actor=audience.actor)
        as_of = clock()
        found = await figures.read(question, audience, shown=shown, as_of=as_of)
        answer = answered(pack, question, found, shown=shown, as_of=as_of)
        return _sent(answer)

    return router


def _sent(answer: StatisticAnswer) -> Response:
    return Response(
        msgspec.json.encode(answer),
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )
