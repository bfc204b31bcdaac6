"""How a request that is refused as a whole is answered: `{"error": code, "message": text}`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.ingest import metrics
from services.ingest.domain.errors import (
    REQUEST_ERRORS,
    RefusedFileError,
    RequestErrorCode,
    UnreadableBodyError,
)
from services.ingest.handlers.reception import JSON, language_of
from services.ingest.publisher import (
    BacklogTooOldError,
    KafkaAwayError,
    KeysAwayError,
    OverloadedError,
)
from services.ingest.quality_store import QualityAwayError
from shared.errors import LagesbildError
from shared.key_ring import RegistryAwayError

HUNG_UP = 499  # nobody reads this answer; it is for the count alone
SECONDS_TO_RETRY: Mapping[int, int] = {429: 1, 503: 5}
SECONDS_TO_RETRY_AFTER = {RequestErrorCode.BACKLOG_TOO_OLD: 60}

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


class RefusedRequest(LagesbildError):  # noqa: N818 - a fact about the request, not a fault of ours
    """The request is refused as a whole."""

    def __init__(self, code: RequestErrorCode) -> None:
        super().__init__(code.value)
        self.code = code


def refusal(request: Request, code: RequestErrorCode, *, names: Sequence[str] = ()) -> Response:
    """The answer that says why; `names` are of the agreement, never of what was sent."""
    error = REQUEST_ERRORS[code]
    headers: dict[str, str] = {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if error.status in SECONDS_TO_RETRY:
        headers["Retry-After"] = str(
            SECONDS_TO_RETRY_AFTER.get(code, SECONDS_TO_RETRY[error.status])
        )
    message = error.message.in_(language_of(request))
    if names:
        message = f"{message.removesuffix('.')}: {', '.join(names)}."
    told = {"error": code.value, "message": message}
    return Response(
        msgspec.json.encode(told), status_code=error.status, headers=headers, media_type=JSON
    )


def answer_errors(api: FastAPI) -> None:
    """Give every error that the handlers raise its answer."""
    api.add_exception_handler(RefusedRequest, _on_refused)
    api.add_exception_handler(RefusedFileError, _on_refused_file)
    api.add_exception_handler(HTTPException, _on_routing)
    api.add_exception_handler(ClientDisconnect, _on_hung_up)
    for error, code in (
        (UnreadableBodyError, RequestErrorCode.UNREADABLE),
        (OverloadedError, RequestErrorCode.OVERLOADED),
        (KafkaAwayError, RequestErrorCode.KAFKA_AWAY),
        (KeysAwayError, RequestErrorCode.KEYS_AWAY),
        (BacklogTooOldError, RequestErrorCode.BACKLOG_TOO_OLD),
        (RegistryAwayError, RequestErrorCode.REGISTRY_AWAY),
        (QualityAwayError, RequestErrorCode.QUALITY_AWAY),
        (Exception, RequestErrorCode.INTERNAL),
    ):
        api.add_exception_handler(error, _always(code))


def _always(code: RequestErrorCode) -> ErrorHandler:
    async def answer(request: Request, _error: Exception) -> Response:
        return refusal(request, code)

    return answer


async def _on_refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusedRequest):
        raise error
    return refusal(request, error.code)


async def _on_refused_file(request: Request, error: Exception) -> Response:
    if not isinstance(error, RefusedFileError):
        raise error
    return refusal(request, error.code, names=error.names)


async def _on_routing(request: Request, error: Exception) -> Response:
    """Starlette's own refusals, which are two."""
    is_method = isinstance(error, HTTPException) and error.status_code == 405
    code = RequestErrorCode.METHOD_NOT_ALLOWED if is_method else RequestErrorCode.NOT_FOUND
    answer = refusal(request, code)
    if isinstance(error, HTTPException):
        answer.headers.update(error.headers or {})
    return answer


async def _on_hung_up(_request: Request, _error: Exception) -> Response:
    return Response(status_code=HUNG_UP)


class CountedRequests:
    """Counts the answers of the API by status; the routes of operations are not counted."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                metrics.count_request(message["status"])
            await send(message)

        is_api = scope["type"] == "http" and scope["path"].startswith("/v1/")
        await self._app(scope, receive, counted if is_api else send)
