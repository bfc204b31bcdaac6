"""A small scenery for the chaos tests: two actors, two areas, a class of each grain; `arrest` is counted at level 2."""

from datetime import UTC, datetime

from deploy.chaos.content import Scenery, Spot
from deploy.demo.truth import Coarse, Width

BEGAN = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before summer time in Stockholm
SCENERY = Scenery(
    seed=1,
    began=BEGAN,
    codes={"fire": ("fire", "school_fire"), "police": ("robbery", "arrest")},
    coarse={
        "fire": Coarse(Width.MINUTE, 3),
        "school_fire": Coarse(Width.MINUTE, 3),
        "robbery": Coarse(Width.HOUR, 3),
        "arrest": Coarse(Width.DAY, 2, "999"),
    },
    spots=(Spot(',"location":{"nyko": "111"}', "111"), Spot("", "999")),
)
