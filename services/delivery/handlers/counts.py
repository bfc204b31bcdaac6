"""`GET /v1/counts`: the exact counts that the actor is cleared for, now."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Protocol

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from services.delivery.domain.mistake import Mistake, MistakeCode
from services.delivery.domain.selection import Selection, Wanted, mistakes_of, selected
from services.delivery.domain.view import Audience, Plan, View, plan
from services.delivery.handlers.asking import Asker, Doorkeeper
from services.delivery.handlers.errors import Refused
from shared.key_ring import Scope
from shared.language import Text
from shared.pack.model import Pack

PARAMETERS = ("indicator", "area", "level", "window", "zeros")
TRUTH = {"true": True, "false": False}

Codes = Annotated[list[str] | None, Query()]


class ViewReader(Protocol):
    """Reads the view of a plan, and writes the question down before it answers."""

    async def read(
        self, plan: Plan, audience: Audience, *, selection: Selection, zeros: bool
    ) -> View:
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
        _refuse_if(_unknown_parameters(request) + _singles(level, zeros))
        wanted = Wanted(indicator, area, int(level[0]) if level else None, window)
        _refuse_if(_question_mistakes(pack, wanted))
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


def _refuse_if(mistakes: Sequence[Mistake]) -> None:
    if mistakes:
        raise Refused(400, "invalid_parameter", _named(mistakes[0]), mistakes=mistakes)


def _named(mistake: Mistake) -> Text:
    return Text(
        sv=f"{mistake.field}: {mistake.message.sv}", en=f"{mistake.field}: {mistake.message.en}"
    )


def _unknown_parameters(request: Request) -> list[Mistake]:
    """A parameter that we do not have changes nothing in silence; its name is not repeated."""
    known = ", ".join(PARAMETERS)
    names = enumerate(name for name, _ in request.query_params.multi_items())
    return [
        Mistake(
            f"parameter[{position}]",
            MistakeCode.UNKNOWN_FIELD,
            Text(sv=f"Parametrarna är {known}.", en=f"The parameters are {known}."),
        )
        for position, name in names
        if name not in PARAMETERS
    ]


def _singles(level: list[str] | None, zeros: list[str] | None) -> list[Mistake]:
    """What is wrong with the parameters that are given once and have a form of their own."""
    found = [
        Mistake(
            name,
            MistakeCode.REPEATED,
            Text(sv="Parametern anges en gång.", en="The parameter is given once."),
        )
        for name, given in (("level", level), ("zeros", zeros))
        if given and len(given) > 1
    ]
    if level and not (level[0].isascii() and level[0].isdigit() and len(level[0]) < 4):
        found.append(
            Mistake(
                "level",
                MistakeCode.WRONG_TYPE,
                Text(sv="Nivån är ett heltal.", en="The level is a whole number."),
            )
        )
    if zeros and zeros[0] not in TRUTH:
        found.append(
            Mistake(
                "zeros",
                MistakeCode.WRONG_TYPE,
                Text(sv="Parametern är true eller false.", en="The parameter is true or false."),
            )
        )
    return found


def _question_mistakes(pack: Pack, wanted: Wanted) -> list[Mistake]:
    """The mistakes of the selection, under the names that the query has for them."""
    return [replace(one, field=one.field.replace("s[", "[")) for one in mistakes_of(pack, wanted)]
