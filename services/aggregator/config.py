"""The aggregator's settings."""

from pydantic import Field

from services.aggregator.domain.retention import LEAST_DAYS
from shared.settings import DatabaseSettings
from shared.windows import Tier

GROUP = "lagesbild.aggregator"


class AggregatorSettings(DatabaseSettings):
    """What the aggregator needs to know."""

    max_records: int = Field(
        default=96_000, ge=1, le=200_000, description="Records in one transaction at the most."
    )
    reclaim_seconds: float = Field(
        default=10,
        gt=0,
        description="A partition that is assigned but not owned for so long is claimed again.",
    )
    report_seconds: float = Field(
        default=2, gt=0, description="How often offsets are told to Kafka, for lag figures only."
    )
    ready_lag_seconds: float = Field(
        default=60, gt=0, description="Not ready while a record older than this is not counted."
    )
    keep_minute_days: int = Field(
        default=3, ge=LEAST_DAYS[Tier.MINUTE], le=3653, description="Days that minutes are kept."
    )
    keep_hour_days: int = Field(
        default=400, ge=LEAST_DAYS[Tier.HOUR], le=3653, description="Days that hours are kept."
    )
    keep_day_days: int = Field(
        default=3653, ge=LEAST_DAYS[Tier.DAY], le=36_530, description="Days that days are kept."
    )
    retention_seconds: float = Field(
        default=600, gt=0, description="How often cells that are too old are dropped."
    )

    @property
    def kept_days(self) -> dict[Tier, int]:
        """How many days each tier is kept."""
        return {
            Tier.MINUTE: self.keep_minute_days,
            Tier.HOUR: self.keep_hour_days,
            Tier.DAY: self.keep_day_days,
        }
