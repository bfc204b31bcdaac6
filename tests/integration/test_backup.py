"""A backup of a busy installation, put back after the database is lost; the log gives the rest."""

import asyncio
import fcntl
import hashlib
import json
import shutil
import stat
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from deploy.backup.load import Restored, restore
from deploy.backup.log_check import Lack
from deploy.backup.manifest import DUMP, MANIFEST, OLDEST_SCHEMA, Manifest, read
from deploy.backup.programs import ProgramFailed, programs_for
from deploy.backup.save import backup
from deploy.backup.servers import found
from deploy.embedded.errors import CannotStart
from deploy.schema.migrate import migrations
from services.aggregator.audit import recount
from services.aggregator.domain.plan import Advance, Plan, Winners
from services.aggregator.store import CountStore
from services.delivery.audit import broken_chains
from services.delivery.domain.push import webhook_id
from shared.errors import ConfigurationError, Fenced
from shared.kafka import cluster_of
from shared.postgres import SCHEMA_VERSION, new_pool, queries
from shared.topics import EVENTS
from tests.integration.test_aggregator_counting import READ, an_aggregator, publish, until
from tests.integration.test_rebuild import GENERATION, owner
from tests.integration.test_rebuild_live import Load, lagesbild, meanwhile, ran, seen
from tests.support.delivery import a_town, registered
from tests.support.servers import Database, Servers
from tests.support.truth import cells_of, counted, reports_of

APPROVED, REQUESTED = UUID(int=1), UUID(int=2)
SUBSCRIBE = """
    insert into delivery.subscription (
        id, municipality, actor, name, indicators, level, windows, every_s, channel, url, secret,
        state, decided_at, motive
    )
    select
        id, '9998', 'fire', 'test', '{arson}', 3, '{24h}', 60, 'webhook', 'https://example.org',
        decode(repeat('07', 32), 'hex'), state,
        case when state = 'approved' then now() end, case when state = 'approved' then 'test' end
    from (values ($1::uuid, 'approved'), ($2::uuid, 'requested')) as given (id, state)
"""
SCHEDULE = """
    insert into delivery.schedule
        (subscription, next_due_at, next_try_at, last_seq, open_seq, lease_owner, lease_until, fence)
    values ($1, now(), now(), 7, 7, 'somebody', now() + interval '1 hour', 3)
"""
DELIVERY = """
    insert into delivery.delivery (subscription, seq, webhook_id, due_at, as_of, body)
    values ($1, 7, $2, now(), now(), 'body')
"""
AS_IN_A_YOUNGER_CLUSTER = """
    update counting.change set xact = (xact::text::bigint + 1000000000)::text::xid8;
    update counting.tier
    set settled = '1000000000', remembered = '1000000000', remembered_at = now()
"""
CATALOGUE = (
    (
        "select schemaname, tablename, policyname, roles::text, cmd, qual from pg_policies"
        " order by 1, 2, 3"
    ),
    (
        "select n.nspname, c.relname, c.relkind, c.relrowsecurity, c.relacl::text from pg_class as c"
        " inner join pg_namespace as n on n.oid = c.relnamespace"
        " where n.nspname in ('registry', 'counting', 'delivery', 'audit', 'quality') order by 1, 2"
    ),
    "select nspname, nspacl::text from pg_namespace where nspname !~ '^pg_toast' order by 1",
    "select proname, proacl::text, prosecdef from pg_proc where pronamespace = 'audit'::regnamespace order by 1",
    "select tgname, tgenabled from pg_trigger where not tgisinternal order by 1",
)


async def catalogue(database: Database) -> list[Any]:
    async with owner(database) as connection:
        return [[tuple(row) for row in await connection.fetch(query)] for query in CATALOGUE]


async def lost(servers: Servers, database: Database) -> None:
    """The database is gone; an operator has made an empty one."""
    name = urlsplit(database.owner_dsn).path[1:]
    connection = await asyncpg.connect(servers.postgres)
    try:
        await connection.execute(f"drop database {name} with (force)")
        await connection.execute(f"create database {name}")
    finally:
        await connection.close()


async def forgotten(kafka: str, topic: str, upto: dict[int, int]) -> None:
    """The log has dropped what lies before these offsets."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.delete_records(
            {TopicPartition(topic, at): RecordsToDelete(offset) for at, offset in upto.items()}
        )
    finally:
        await admin.close()


async def restored(database: Database, kafka: str, source: Path, **options: bool) -> Restored:
    return await restore(database.owner_dsn, kafka, source, read(source), **options)


async def test_a_lost_database_is_restored_and_caught_up_from_the_log(
    kafka: str, topic_prefix: str, database: Database, servers: Servers, tmp_path: Path
) -> None:
    load, folder = Load(seed=7), tmp_path / "backup"
    run = (kafka, topic_prefix, database)
    await registered(database)
    async with an_aggregator(*run):
        await publish(kafka, topic_prefix, load.some(3000))
        await until(database, READ, lambda done: done == len(load.sent))
        async with owner(database) as connection:
            await connection.execute(SUBSCRIBE, APPROVED, REQUESTED)
            await connection.execute(SCHEDULE, APPROVED)
            await connection.execute(DELIVERY, APPROVED, webhook_id(APPROVED, 7))
            await connection.execute(AS_IN_A_YOUNGER_CLUSTER)
        async with meanwhile(lambda: publish(kafka, topic_prefix, load.some(100))):
            code, out, said = await ran(*run, "backup", str(folder), "--json")
            assert code == 0, said
            assert json.loads(out)["log"]["lacking"] == []
        await publish(kafka, topic_prefix, load.some(500))
        await until(database, READ, lambda done: done == len(load.sent))
    manifest = read(folder)
    saved = sum(one.next_offset for one in manifest.streams)
    assert 3000 <= saved < len(load.sent)
    assert {one.log_id for one in manifest.streams} == {await cluster_of(kafka)}
    assert [stat.S_IMODE(one.stat().st_mode) for one in (folder, *sorted(folder.iterdir()))] == [
        0o700,
        0o600,
        0o600,
    ]
    before = await catalogue(database)
    await lost(servers, database)

    code, out, said = await ran(*run, "restore", str(folder), "--json")
    assert code == 0, said
    assert json.loads(out)["log"]["to_count"] == len(load.sent) - saved
    assert await catalogue(database) == before
    assert await until(database, READ, lambda done: done is not None) == saved
    generation = await until(database, GENERATION, bool)
    assert generation > manifest.generation + 1_000_000  # more than rebuilds can have made since
    await deliveries_go_on_under_new_numbers(database)
    await earlier_owners_are_fenced(database, manifest)

    async with an_aggregator(*run):
        await until(database, READ, lambda done: done == len(load.sent))
    assert await counted(database) == cells_of(load.sent)
    assert (await recount(database.owner_dsn)).ok
    assert await broken_chains(database.owner_dsn) == []
    await views_are_right_at_every_look(database, load)


async def deliveries_go_on_under_new_numbers(database: Database) -> None:
    """Nobody gets a number again that may have been sent since, and nothing old."""
    async with owner(database) as connection:
        rows = await connection.fetch("select * from delivery.schedule order by subscription")
        approved, requested = rows
        # One period is a minute: an hour's worth for clocks, and one for each that began since.
        assert 7 + 60 < approved["last_seq"] <= 7 + 65
        assert (approved["open_seq"], approved["lease_owner"], approved["lease_until"]) == (
            None,
            None,
            None,
        )
        assert (requested["last_seq"] > 60, requested["next_try_at"]) == (True, None)
        assert await connection.fetchval("select state from delivery.delivery") == "folded"
        await connection.execute("set role lagesbild_delivery")
        start = queries("services.delivery", "subscriptions.sql")["start_schedule"]
        await connection.execute(start, REQUESTED)
        await connection.execute("reset role")
        now = await connection.fetchrow(
            "select * from delivery.schedule where subscription = $1", REQUESTED
        )
        assert now is not None
        assert (now["last_seq"], now["next_try_at"] is None) == (requested["last_seq"], False)
        await connection.execute("update delivery.schedule set next_try_at = null")
        kinds = await connection.fetch("select kind from audit.entry order by seq desc limit 1")
        assert [row["kind"] for row in kinds] == ["database_restored"]


async def earlier_owners_are_fenced(database: Database, manifest: Manifest) -> None:
    """A claim on the lost database, a few epochs after the backup, is worth nothing now."""
    some = manifest.streams[0]
    async with await new_pool(database.dsn("lagesbild_aggregator"), application="test") as pool:
        store = CountStore(
            pool, consumer=some.consumer, topic=some.topic, log_id=some.log_id, owner="zombie"
        )
        step = some.next_offset, some.next_offset + 1
        for epoch in range(1, 20):
            with pytest.raises(Fenced):
                await store.write(Plan((Advance(some.partition, epoch, *step),), Winners(), (), ()))


async def views_are_right_at_every_look(database: Database, load: Load) -> None:
    """In memory, too: a change whose transaction lies in the future would be added at each look."""
    async with a_town(database) as town:
        looks = [await seen(town) for _ in range(3)]
    assert looks == [reports_of(load.sent, "arson")] * 3


async def test_what_is_not_fit_for_a_restore_is_refused_and_changes_nothing(
    kafka: str, topic_prefix: str, database: Database, tmp_path: Path
) -> None:
    load, folder = Load(seed=8), tmp_path / "backup"
    async with an_aggregator(kafka, topic_prefix, database):
        await publish(kafka, topic_prefix, load.some(300))
        await until(database, READ, lambda done: done == len(load.sent))
        await backup(database.owner_dsn, kafka, folder)
        with pytest.raises(ConfigurationError, match="stop the services first"):
            await restored(database, kafka, folder, replace=True)
        await publish(kafka, topic_prefix, load.some(300))
        await until(database, READ, lambda done: done == len(load.sent))
    before = await counted(database)
    manifest = json.loads((folder / MANIFEST).read_text())
    dump = (folder / DUMP).read_bytes()

    async def copied(name: str, dump: bytes = dump, **changed: Any) -> Path:
        copy = Path(await asyncio.to_thread(shutil.copytree, folder, tmp_path / name))
        (copy / DUMP).write_bytes(dump)
        (copy / MANIFEST).write_text(json.dumps({**manifest, **changed}))
        return copy

    newer = [*manifest["migrations"], {"version": SCHEMA_VERSION + 1, "sha256": "00"}]
    older = manifest["migrations"][: OLDEST_SCHEMA - 1]
    other = [{**manifest["migrations"][0], "sha256": "00"}, *manifest["migrations"][1:]]
    cut = dump[:-1000]
    seems_whole = {"dump_bytes": len(cut), "dump_sha256": hashlib.sha256(cut).hexdigest()}
    one_row_more = {**manifest["rows"], "counting.event": manifest["rows"]["counting.event"] + 1}
    for source, words in (
        (await copied("truncated", cut), "bytes, the backup had"),
        (await copied("flipped", dump[:-1] + bytes([dump[-1] ^ 1])), "SHA-256"),
        (await copied("newer", migrations=newer), "schema version"),
        (await copied("older", migrations=older), "restore it with the version that made it"),
        (await copied("other", migrations=other), "is not the one of this program"),
        (await copied("quoting", rows={"x; drop table y": 1}), "what cannot be ours"),
        (tmp_path / "nothing", "No such file"),
        # Those that pass for whole end with the transaction that restores.
        (await copied("seems_whole", cut, **seems_whole), "has failed"),
        (await copied("lacks_a_row", rows=one_row_more), "does not hold its rows"),
    ):
        with pytest.raises((ConfigurationError, ProgramFailed), match=words):
            await restored(database, kafka, source, replace=True)
        assert await counted(database) == before, words
    with pytest.raises(ConfigurationError, match="not empty"):
        await restored(database, kafka, folder)
    with pytest.raises(ConfigurationError, match="is there already"):
        await backup(database.owner_dsn, kafka, folder)
    assert not await asyncio.to_thread(lambda: list(tmp_path.glob(".*")))


async def test_the_oldest_schema_that_is_restored_is_the_first_that_can_be_put_right(
    servers: Servers, database: Database
) -> None:
    """What is put right names tables and columns: it must not be told of a schema without them."""
    text = files("deploy.backup").joinpath("sql", "after_restore.sql").read_text(encoding="utf-8")
    await lost(servers, database)  # empty now
    async with owner(database) as connection:
        for step in migrations()[: OLDEST_SCHEMA - 1]:
            await connection.execute(step.sql)
        put_right = (
            "select set_config('lagesbild.made_at', now()::text, true),"
            f" set_config('lagesbild.sha256', '', true); {text}"
        )
        with pytest.raises(asyncpg.UndefinedColumnError):
            await connection.execute(put_right)
        await connection.execute(migrations()[OLDEST_SCHEMA - 1].sql)
        await connection.execute(put_right)


async def test_what_the_log_lacks_is_told_by_partition_and_may_be_accepted(
    kafka: str, topic_prefix: str, database: Database, tmp_path: Path
) -> None:
    load, folder = Load(seed=9), tmp_path / "backup"
    run = (kafka, topic_prefix, database)
    topic = EVENTS.named(topic_prefix)
    async with an_aggregator(*run):
        await publish(kafka, topic_prefix, load.some(300))
        await until(database, READ, lambda done: done == len(load.sent))
    await publish(kafka, topic_prefix, load.some(300))
    saved = await backup(database.owner_dsn, kafka, folder)
    before = await counted(database)
    offsets = {
        one.partition: one.next_offset for one in saved.manifest.streams if one.topic == topic
    }
    await forgotten(kafka, topic, {3: offsets[3] + 5})
    code, _, told = await ran(*run, "restore", str(folder), "--replace")
    assert (code, await counted(database)) == (2, before)
    assert f"{topic}, partition 3: 5 records are not in the log" in told
    assert told.count("partition") == 1
    accepted = await restored(database, kafka, folder, replace=True, accept_shorter_log=True)
    assert (accepted.ok, accepted.log.lacking) == (False, [Lack(topic, 3, 5, "deleted")])
    assert await until(database, READ, bool) == 300
    await into_a_folder_whose_servers_stand_still(kafka, topic_prefix, database, folder, tmp_path)


async def into_a_folder_whose_servers_stand_still(
    kafka: str, topic_prefix: str, database: Database, backup_folder: Path, scratch: Path
) -> None:
    """Another cluster, which is made for it and has not even the roles; and back again."""
    data, again = scratch / "data", scratch / "again"
    for command, folder, *options in (
        ("restore", backup_folder, "--accept-shorter-log"),
        ("backup", again),
    ):
        async with lagesbild(
            kafka,
            topic_prefix,
            database,
            command,
            str(folder),
            "--data",
            str(data),
            *options,
            postgres="",
        ) as process:
            _, words = await process.communicate()
            assert process.returncode == 1, words  # the log lacks what it lacked
    same, was = read(again), read(backup_folder)
    assert (same.streams, same.roles) == (was.streams, was.roles)
    assert same.rows == {**was.rows, "audit.entry": same.rows["audit.entry"]}
    with (data / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(CannotStart, match="already used"):
            async with found(data, running=False):
                pass


async def test_what_breaks_off_after_its_last_row_is_not_committed(
    database: Database, tmp_path: Path
) -> None:
    """All rows are there, and no check of them can say that indexes and rights are not."""
    real = await programs_for(database.owner_dsn, server_major=18)
    for name, script in (
        ("psql", f'exec {real.folder / "psql"} "$@"'),
        ("pg_restore", "echo 'create table public.half (a int);'; exit 1"),
    ):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(ProgramFailed, match="pg_restore has failed"):
        await replace(real, folder=tmp_path).restore(tmp_path / "none", before="", after="")
    assert await until(
        database, "select to_regclass('public.half') is null", lambda told: told is not None
    )
