"""What delivery's tests share: a small pack, a service on a free port, a receiver that can fail."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn
from aiohttp import ClientSession, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import FastAPI
from standardwebhooks import Webhook

from deploy.schema.register import register
from services.delivery.app import build
from services.delivery.config import DeliverySettings
from shared.api_keys import ApiKeys, Purpose, new_key
from shared.pack import load_pack
from shared.pack.model import Actor, Area, Coarsening, Family, Indicator, Kind, Pack, Sensitivity
from shared.windows import Tier, floored
from tests.support.ports import a_free_port
from tests.support.servers import Database

DEMO = Path(__file__).parents[2] / "deploy" / "municipalities" / "demo"


def an_indicator(code: str, sensitivity: str, *, kind: Kind = Kind.EVENT) -> Indicator:
    return Indicator(
        code, code, code, kind, Sensitivity(sensitivity), Family.OTHER, frozenset({"fire"})
    )


def a_pack(
    *,
    webhook_networks: tuple[str, ...] = (),
    coarsening: Mapping[Sensitivity, Coarsening] | None = None,
) -> Pack:
    """Four leaves on three levels; `fire` is cleared for S0 and S1, `social` for S3 besides S0."""
    indicators = (
        an_indicator("bins", "S0"),
        an_indicator("houses", "S1"),
        an_indicator("people", "S2"),
        an_indicator("special", "S3"),
        an_indicator("grades", "S2", kind=Kind.STATISTIC),
    )
    leaves = ("101", "102", "111", "201")
    names = {leaf[:length]: leaf[:length] for leaf in (*leaves, "999") for length in (1, 2, 3)}
    return Pack(
        path=Path("nowhere"),
        code="0001",
        name="Test",
        synthetic=True,
        levels=(1, 2, 3),
        rest_code="999",
        crs=3006,
        areas=tuple(Area(leaf, leaf, 100) for leaf in leaves),
        area_names=names,
        indicators={one.code: one for one in indicators},
        actors={code: Actor(code, code, code) for code in ("fire", "social")},
        exact={
            "fire": frozenset({Sensitivity.S0, Sensitivity.S1}),
            "social": frozenset({Sensitivity.S0, Sensitivity.S3}),
        },
        webhook_networks=webhook_networks,
        coarsening=coarsening or {},
    )


async def registered(database: Database) -> ApiKeys:
    """The demo pack in the registry, with fresh keys."""
    pack = load_pack(DEMO)
    keys = ApiKeys(
        actors={actor: {"report": new_key(), "read": new_key()} for actor in pack.actors},
        owner=new_key(),
    )
    await register(database.owner_dsn, pack, keys=keys)
    return keys


def settings(database: Database, *, port: int = 1, **changed: Any) -> DeliverySettings:
    return DeliverySettings.model_validate(
        {
            "kafka": "127.0.0.1:1",
            "packs": (DEMO,),
            "port": port,
            "postgres": database.dsn("lagesbild_delivery"),
            **changed,
        }
    )


@asynccontextmanager
async def serving(app: FastAPI, port: int) -> AsyncIterator[str]:
    """The service on a port; its address."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on")
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), "the service did not start"
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@dataclass(frozen=True, slots=True)
class Client:
    """Asks a service with one key."""

    session: ClientSession
    url: str
    key: str

    async def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        shown = {"authorization": f"Bearer {self.key}", **headers}
        async with self.session.request(
            method, f"{self.url}{path}", json=body, headers=shown
        ) as response:
            return response.status, await response.json(content_type=None)


def self_signed(folder: Path) -> ssl.SSLContext:
    """TLS for 127.0.0.1 with a certificate that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    chain = folder / "receiver.pem"
    chain.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    return context


@dataclass
class Receiver:
    """A subscriber's own server; `answers` are used up first, then it says 204."""

    answers: list[Callable[[web.Request], Awaitable[web.StreamResponse]]] = field(
        default_factory=list
    )
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self._came:
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.requests.append((headers, body))
            self._came.notify_all()
        if self.answers:
            return await self.answers.pop(0)(request)
        return web.Response(status=204)

    async def until(self, count: int, *, seconds: float = 60) -> None:
        """Wait until so many requests have come in."""
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: len(self.requests) >= count)

    def verified(self, secret: str) -> list[Any]:
        """The content of every request, as the receiver's library lets it through."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.requests]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.requests]


@asynccontextmanager
async def receiving(
    receiver: Receiver, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """The receiver on a free port of loopback."""
    app = web.Application()
    app.router.add_post("/{tail:.*}", receiver.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = a_free_port()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/push"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@asynccontextmanager
async def a_delivery(database: Database, **changed: Any) -> AsyncIterator[str]:
    """An instance of the service; its address."""
    port = a_free_port()
    async with serving(build(settings(database, port=port, **changed)), port) as url:
        yield url


@dataclass(frozen=True, slots=True)
class Town:
    """A running service, and those who ask it."""

    url: str
    keys: ApiKeys
    session: ClientSession

    def client(self, actor: str, purpose: Purpose = "read") -> Client:
        return Client(self.session, self.url, self.keys.actors[actor][purpose])

    @property
    def owner(self) -> Client:
        return Client(self.session, self.url, self.keys.owner)

    async def requested(self, url: str, *, actor: str = "fire", **changed: Any) -> dict[str, str]:
        """A subscription that waits for the data owner: its id and secret."""
        status, made = await self.client(actor).ask(
            "POST", "/v1/subscriptions", a_request(url, **changed)
        )
        assert status == 201, made
        found: dict[str, str] = made
        return found

    async def approved(self, url: str, *, actor: str = "fire", **changed: Any) -> dict[str, str]:
        """A subscription that is sent from now on."""
        made = await self.requested(url, actor=actor, **changed)
        path = f"/v1/subscriptions/{made['id']}/approve"
        status, decided = await self.owner.ask("POST", path, {"motive": "Avtal"})
        assert (status, decided["state"]) == (200, "approved")
        return made


def a_request(url: str, **changed: Any) -> dict[str, Any]:
    return {
        "name": "Brand",
        "indicators": ["arson", "robbery", "vandalism_public"],
        "level": 1,
        "windows": ["1h", "24h"],
        "every_s": 5,
        "channel": {"type": "webhook", "url": url},
        **changed,
    }


@asynccontextmanager
async def a_town(database: Database, **changed: Any) -> AsyncIterator[Town]:
    """The service with the demo pack registered."""
    keys = await registered(database)
    async with a_delivery(database, **changed) as url, ClientSession() as session:
        yield Town(url, keys, session)


COUNT = """
with place as (
    select series from counting.series
    where municipality = $1 and indicator = $2 and area = $3
),
minutes as (
    insert into counting.change (series, minute, reports, incidents)
    select series, extract(epoch from $4::timestamptz) / 60, $5, $5 from place
),
hours as (
    insert into counting.hour_cell as c
    select series, floor(extract(epoch from $4::timestamptz) / 3600), $6, $5, $5 from place
    on conflict (series, hour, lane) do update
    set reports = c.reports + excluded.reports, incidents = c.incidents + excluded.incidents
)
insert into counting.day_cell as c
select
    series, ($4::timestamptz at time zone 'Europe/Stockholm')::date - '1970-01-01'::date, $6, $5, $5
from place
on conflict (series, day, lane) do update
set reports = c.reports + excluded.reports, incidents = c.incidents + excluded.incidents
"""


async def count(
    database: Database, *cells: tuple[str, str, datetime, int], municipality: str = "9998"
) -> None:
    """Put cells there as the aggregator does: area, indicator, instant, reports."""
    places = [(municipality, indicator, area) for area, indicator, _, _ in cells]
    await owner_executes(
        database,
        "insert into counting.series (municipality, indicator, area) values ($1, $2, $3)"
        " on conflict do nothing",
        places,
    )
    counted = [
        (*place, floored(at, Tier.MINUTE), reports, 0)
        for place, (_, _, at, reports) in zip(places, cells, strict=True)
    ]
    await owner_executes(database, COUNT, counted)


async def owner_executes(
    database: Database, statement: str, rows: Sequence[Sequence[Any]] = ((),)
) -> None:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        await connection.executemany(statement, rows)
    finally:
        await connection.close()


async def owner_reads(database: Database, query: str, *values: Any) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        return [tuple(row) for row in await connection.fetch(query, *values)]
    finally:
        await connection.close()
