"""The transaction of statistics in PostgreSQL: offset and figures, or nothing."""

from services.aggregator.domain.statistics import PlacedStatistic, StatisticPlan
from services.aggregator.store import CountStore
from shared.postgres import Connection, queries


class StatisticStore:
    """Writes statistics under the claims of a `CountStore`."""

    def __init__(self, claims: CountStore) -> None:
        self._claims = claims
        statistics = queries("services.aggregator", "statistics.sql")
        self._remember, self._stand = statistics["remember"], statistics["stand"]

    async def write(self, plan: StatisticPlan) -> int:
        """One transaction: offsets, figures, dead letters; the number of figures that are new.

        Raises:
            Fenced: a partition has another owner now; nothing was written.
            asyncpg.PostgresError, OSError, ...: see DATA_REFUSED and shared.postgres.DATABASE_AWAY.
        """
        async with self._claims.transaction() as connection:
            await self._claims.advance(connection, plan.advances)
            if plan.dead:
                await self._claims.bury(connection, plan.dead)
            return await self._keep(connection, plan.statistics) if plan.statistics else 0

    async def _keep(self, connection: Connection, placed: tuple[PlacedStatistic, ...]) -> int:
        given = [one.statistic for one in placed]
        keys = (
            [one.municipality for one in given],
            [one.actor for one in given],
            [one.indicator for one in given],
            [one.area for one in given],
            [one.period for one in given],
        )
        await connection.execute(
            self._remember,
            *keys,
            [one.version for one in given],
            [one.live for one in given],
            [one.numerator for one in given],
            [one.denominator for one in given],
            [one.received_at for one in given],
            [one.partition for one in placed],
            [one.offset for one in placed],
        )
        spans = [one.span for one in given]
        return int(
            await connection.fetchval(
                self._stand, *keys, [one.start for one in spans], [one.end for one in spans]
            )
        )
