"""The HTTP side that every service has: /metrics, /started, /ready, and a bounded stop."""

import asyncio
import inspect
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

import structlog
import uvicorn
import uvloop
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    disable_created_metrics,
    generate_latest,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shared.background import CONFIGURATION_IS_BAD, PROGRAM_IS_BAD
from shared.errors import ConfigurationError

STOP_SECONDS = 3
MOST_CONNECTIONS = 1000  # more are answered 503: every open request holds memory

Check = Callable[[], bool | Awaitable[bool]]
Lifespan: TypeAlias = Callable[[Any], AbstractAsyncContextManager[Any]]


class Readiness:
    """Whether the service can do its work now: every named check must say yes."""

    def __init__(self, checks: Mapping[str, Check] | None = None) -> None:
        self._checks = dict(checks or {})
        self._pace: dict[str, Check] = {}

    def watch(self, name: str, check: Check) -> None:
        """Add a check; a service with no check yet has not started."""
        self._checks[name] = check

    def watch_pace(self, name: str, check: Check) -> None:
        """Add a check that only says whether the service keeps up: it may have started long ago."""
        self._pace[name] = check

    async def waiting_for(self, *, only_start: bool = False) -> list[str]:
        """The names of the checks that say no; empty means ready."""
        waiting = [] if self._checks else ["start"]
        for name, check in {**self._checks, **({} if only_start else self._pace)}.items():
            answer = check()
            if inspect.isawaitable(answer):
                answer = await answer
            if not answer:
                waiting.append(name)
        return waiting


def operations_routes(readiness: Readiness) -> list[Route]:
    """The routes of operations: Prometheus text for /metrics, and 200 or 503 for two questions.

    `/started`: can it work? Whoever starts it waits for this. `/ready`: and does it keep up?
    """

    async def started(_request: Request) -> Response:
        return _answer(await readiness.waiting_for(only_start=True))

    async def ready(_request: Request) -> Response:
        return _answer(await readiness.waiting_for())

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return [Route("/started", started), Route("/ready", ready), Route("/metrics", metrics)]


def _answer(waiting: list[str]) -> Response:
    return JSONResponse(
        {"ready": not waiting, "waiting_for": waiting}, status_code=503 if waiting else 200
    )


def serve(app: Starlette, *, host: str, port: int) -> int:
    """Serve until SIGTERM or SIGINT; the exit code says how it ended.

    Whatever stops the start is raised here, to be logged without its words.

    Kafka clients may hang at stop when the broker is away, so the stop is bounded from outside:
    after `STOP_SECONDS` beyond uvicorn's own the process ends. Nothing is lost by that: every
    effect was acknowledged before its offset.
    """
    failures: list[Exception] = []
    app.router.lifespan_context = _told_about(app.router.lifespan_context, failures)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=STOP_SECONDS,
            lifespan="on",
        )
    )
    try:
        with _listening(host, port) as listener:
            uvloop.run(_until_stopped(server, listener))
    except SystemExit:
        if not failures:
            raise
    if failures:
        raise failures[0]
    return 0


def _told_about(lifespan: Lifespan, failures: list[Exception]) -> Lifespan:
    """Keep what stopped the start or the stop: uvicorn would log its words and exit."""

    @asynccontextmanager
    async def told(app: Starlette) -> AsyncIterator[Mapping[str, Any] | None]:
        try:
            async with lifespan(app) as state:
                yield state
        except Exception as error:
            failures.append(error)
            raise

    return told


def _listening(host: str, port: int) -> socket.socket:
    """The socket to serve on; it listens only when the service has started.

    Raises:
        ConfigurationError: somebody else listens there, or the address is not ours.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigurationError([f"cannot listen on {host}:{port}: {error.strerror}"]) from None
    return listener


async def _until_stopped(server: uvicorn.Server, listener: socket.socket) -> None:
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not serving.done() and not server.should_exit:
        await asyncio.wait([serving], timeout=0.2)
    done, _ = await asyncio.wait([serving], timeout=2 * STOP_SECONDS)
    if not done:
        structlog.get_logger().warning("stop_forced", wait_seconds=2 * STOP_SECONDS)
        os._exit(0)
    await serving


def run_service(start: Callable[[], int]) -> int:
    """The outermost frame of a service: configuration mistakes are listed, the rest is loud."""
    disable_created_metrics()  # a series for the birth of each series would double them
    try:
        return start()
    except ConfigurationError as error:
        sys.stderr.write("".join(f"{mistake}\n" for mistake in error.mistakes))
        return CONFIGURATION_IS_BAD
    except Exception as error:  # noqa: BLE001 - the outermost frame of the process
        structlog.get_logger().error(
            "service_crashed", error_type=type(error).__name__, exc_info=error
        )
        return PROGRAM_IS_BAD
