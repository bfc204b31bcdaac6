"""Parameters of a question: named, given once or often, and refused with every mistake at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Query
from starlette.requests import Request

from services.delivery.domain.mistake import Mistake, MistakeCode
from services.delivery.domain.selection import Wanted, mistakes_of
from services.delivery.handlers.errors import Refused
from shared.language import Text
from shared.pack.model import Pack

Codes = Annotated[list[str] | None, Query()]

TRUTH = {"true": True, "false": False}


def refuse_if(mistakes: Sequence[Mistake]) -> None:
    """Go on only if nothing is wrong.

    Raises:
        Refused: something is; the answer has every mistake.
    """
    if mistakes:
        raise Refused(400, "invalid_parameter", _named(mistakes[0]), mistakes=mistakes)


def unknown_parameters(request: Request, parameters: Sequence[str]) -> list[Mistake]:
    """A parameter that we do not have changes nothing in silence; its name is not repeated."""
    known = ", ".join(parameters)
    names = enumerate(name for name, _ in request.query_params.multi_items())
    return [
        Mistake(
            f"parameter[{position}]",
            MistakeCode.UNKNOWN_FIELD,
            Text(sv=f"Parametrarna är {known}.", en=f"The parameters are {known}."),
        )
        for position, name in names
        if name not in parameters
    ]


def repeated(singles: Mapping[str, list[str] | None]) -> list[Mistake]:
    """Parameters that are given once, and were given several times."""
    return [
        Mistake(
            name,
            MistakeCode.REPEATED,
            Text(sv="Parametern anges en gång.", en="The parameter is given once."),
        )
        for name, given in singles.items()
        if given and len(given) > 1
    ]


def truth_mistakes(singles: Mapping[str, list[str] | None]) -> list[Mistake]:
    """Parameters that are true or false, and are given as something else."""
    return [
        Mistake(
            name,
            MistakeCode.WRONG_TYPE,
            Text(sv="Parametern är true eller false.", en="The parameter is true or false."),
        )
        for name, given in singles.items()
        if given and given[0] not in TRUTH
    ]


def level_mistakes(level: list[str] | None) -> list[Mistake]:
    """A level that is no number; whether the pack has it is another question."""
    if not level or (level[0].isascii() and level[0].isdigit() and len(level[0]) < 4):
        return []
    return [
        Mistake(
            "level",
            MistakeCode.WRONG_TYPE,
            Text(sv="Nivån är ett heltal.", en="The level is a whole number."),
        )
    ]


def selection_mistakes(pack: Pack, wanted: Wanted) -> list[Mistake]:
    """The mistakes of a selection, under the names that the query has for them."""
    return [replace(one, field=one.field.replace("s[", "[")) for one in mistakes_of(pack, wanted)]


def _named(mistake: Mistake) -> Text:
    return Text(
        sv=f"{mistake.field}: {mistake.message.sv}", en=f"{mistake.field}: {mistake.message.en}"
    )
