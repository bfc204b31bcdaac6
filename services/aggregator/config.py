"""The aggregator's settings."""

from pydantic import Field

from shared.settings import DatabaseSettings


class AggregatorSettings(DatabaseSettings):
    """What the aggregator needs to know."""

    max_records: int = Field(
        default=5000, ge=1, le=50_000, description="Records in one transaction at the most."
    )
    reclaim_seconds: float = Field(
        default=10,
        gt=0,
        description="A partition that is assigned but not owned for so long is claimed again.",
    )
    report_seconds: float = Field(
        default=2, gt=0, description="How often offsets are told to Kafka, for lag figures only."
    )
