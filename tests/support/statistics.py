"""What the tests of statistics share: figures, and a demo pack in which somebody may see S3."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shared.messages.statistic import Statistic
from tests.support.servers import ROOT

DEMO = ROOT / "deploy" / "municipalities" / "demo"


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
GROUP = "lagesbild.aggregator.statistics"
READ = (
    "select coalesce(sum(next_offset), 0) from counting.stream_offset"
    f" where consumer like '%{GROUP}'"
)
CODE = "truancy"
STANDING = (
    "select version, live, numerator, denominator, standing_since"
    " from counting.statistic order by area"
)
VERSIONS = "select version, numerator, received_at from counting.statistic_version order by version"


def a_statistic(version: int = 1, **changes: Any) -> Statistic:
    usual = {
        "municipality": "9998",
        "actor": "education",
        "indicator": CODE,
        "area": "111",
        "period": "2024/2025",
        "version": version,
        "received_at": NOON + timedelta(minutes=min(version, 100)),
        "numerator": 3,
        "denominator": 40,
    }
    return Statistic(**{**usual, **changes})


def withdrawn(version: int, **changes: Any) -> Statistic:
    return a_statistic(version, live=False, numerator=None, denominator=None, **changes)


def a_pack_that_clears_police(folder: Path) -> Path:
    """The demo pack, where the police may see S3 exactly down to level 2; nobody else may."""
    pack = folder / "pack"
    shutil.copytree(DEMO, pack)
    policy = pack / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("police: [S0, S1]", "police: [S0, S1, S3@2]"), encoding="utf-8")
    return pack
