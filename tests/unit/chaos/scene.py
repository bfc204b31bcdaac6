"""A small scenery for the chaos tests: two actors, two areas, a class of each grain."""

from datetime import UTC, datetime

from deploy.chaos.content import Scenery, Spot

BEGAN = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # half an hour before summer time in Stockholm
SCENERY = Scenery(
    seed=1,
    began=BEGAN,
    codes={"fire": ("fire", "school_fire"), "police": ("robbery", "arrest")},
    classes={"fire": "S0", "school_fire": "S1", "robbery": "S2", "arrest": "S3"},
    spots=(Spot(',"location":{"nyko": "111"}', "111"), Spot("", "999")),
)
