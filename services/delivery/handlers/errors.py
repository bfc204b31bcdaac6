"""Answers that say no: always JSON with a code for programs and a sentence for people."""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from services.delivery.domain.mistake import Mistake, Mistaken
from services.delivery.store.subscriptions import NotFound, WrongState
from shared.errors import WorldError
from shared.language import Language, Text, preferred
from shared.postgres import DATABASE_AWAY

AGAIN_AFTER_S = "2"

_WORDS = {
    400: ("bad_request", Text(sv="Frågan kunde inte läsas.", en="The request cannot be read.")),
    404: ("not_found", Text(sv="Det finns inte här.", en="There is no such thing here.")),
    405: ("method_not_allowed", Text(sv="Metoden går inte här.", en="The method is not for this.")),
}
_INVALID = Text(
    sv="Något i begäran är fel; alla fel står i listan.",
    en="Something in the request is wrong; the list has every mistake.",
)
_DECIDED = Text(
    sv="Prenumerationens tillstånd tillåter inte det.",
    en="The state of the subscription does not allow that.",
)
_AWAY = Text(
    sv="Databasen svarar inte just nu; försök igen om en stund.",
    en="The database does not answer at the moment; try again shortly.",
)
_OURS = Text(sv="Något gick fel hos oss.", en="Something went wrong on our side.")


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The request ends with this answer."""

    def __init__(
        self, status: int, code: str, message: Text, *, mistakes: Sequence[Mistake] = ()
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.mistakes = tuple(mistakes)


def install(app: FastAPI, language: Language) -> None:
    """Make every refusal, foreseen or not, one of these answers; `language` when none is asked."""

    def answer(refusal: Callable[[Any], Refused]) -> Callable[[Request, Any], Response]:
        def on_error(request: Request, error: Any) -> Response:
            chosen = preferred(request.headers.get("accept-language"), language)
            return _response(refusal(error), chosen)

        return on_error

    app.add_exception_handler(Refused, answer(lambda error: error))
    app.add_exception_handler(
        Mistaken, answer(lambda error: Refused(422, "invalid", _INVALID, mistakes=error.mistakes))
    )
    app.add_exception_handler(NotFound, answer(lambda _: Refused(404, *_WORDS[404])))
    app.add_exception_handler(WrongState, answer(lambda _: Refused(409, "wrong_state", _DECIDED)))
    app.add_exception_handler(HTTPException, answer(_of_framework))
    app.add_exception_handler(ClientDisconnect, answer(lambda _: Refused(400, *_WORDS[400])))
    for away in (WorldError, *DATABASE_AWAY):
        app.add_exception_handler(away, answer(_of_world))
    app.add_exception_handler(Exception, answer(lambda _: Refused(500, "internal", _OURS)))


def _of_framework(error: HTTPException) -> Refused:
    code, message = _WORDS.get(error.status_code, _WORDS[400])
    return Refused(error.status_code, code, message)


def _of_world(error: Exception) -> Refused:
    structlog.get_logger().warning("request_refused", error_type=type(error).__name__)
    return Refused(503, "unavailable", _AWAY)


def _response(refused: Refused, language: Language) -> JSONResponse:
    content: dict[str, Any] = {
        "error": refused.code,
        "message": refused.message.in_(language),
    }
    if refused.mistakes:
        content["errors"] = [
            {"field": one.field, "code": one.code, "message": one.message.in_(language)}
            for one in refused.mistakes
        ]
    headers = {"content-language": language.value}
    if refused.status == 401:
        headers["www-authenticate"] = "Bearer"
    if refused.status == 503:
        headers["retry-after"] = AGAIN_AFTER_S
    return JSONResponse(content, status_code=refused.status, headers=headers)
