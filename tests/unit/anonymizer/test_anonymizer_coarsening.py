"""What the pack's policy makes of an event's instant and area."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.anonymizer.domain.anonymize import Anonymizer
from services.anonymizer.domain.anonymized import Anonymized
from shared.messages.event import Event, Placement
from shared.messages.report import Location, Report
from shared.pack.model import Coarsening, Sensitivity
from shared.windows import Tier, floored
from tests.unit.anonymizer.builders import (
    INSIDE_101,
    NOON,
    OF_CLASS,
    a_pack,
    a_report,
    an_anonymizer,
    opened,
)

POLICY = {
    Sensitivity.S0: Coarsening(Tier.HOUR),
    Sensitivity.S2: Coarsening(Tier.DAY, 1),
    Sensitivity.S3: Coarsening(Tier.DAY, 2),
}


@pytest.fixture(scope="module")
def anonymizer() -> Anonymizer:
    return an_anonymizer(a_pack(coarsening=POLICY))


def event_of(anonymizer: Anonymizer, report: Report) -> Event:
    (made,) = anonymizer.anonymize([opened(report)])
    assert isinstance(made, Anonymized)
    return made.event


@pytest.mark.parametrize(
    ("sensitivity", "area", "at"),
    [
        (Sensitivity.S0, "101", datetime(2026, 11, 23, 12, 0, tzinfo=UTC)),
        (Sensitivity.S1, "101", datetime(2026, 11, 23, 12, 34, tzinfo=UTC)),  # as DESIGN says
        (Sensitivity.S2, "1", datetime(2026, 11, 22, 23, 0, tzinfo=UTC)),
        (Sensitivity.S3, "10", datetime(2026, 11, 22, 23, 0, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("location", [INSIDE_101, Location(nyko="101"), Location(nyko="10177")])
def test_an_event_leaves_as_coarse_as_its_class_in_the_pack(
    anonymizer: Anonymizer, sensitivity: Sensitivity, area: str, at: datetime, location: Location
) -> None:
    event = event_of(anonymizer, a_report(indicator=OF_CLASS[sensitivity], location=location))
    assert (event.area, event.occurred_at) == (area, at)


@pytest.mark.parametrize("indicator", OF_CLASS.values())
def test_the_rest_area_keeps_its_whole_code(anonymizer: Anonymizer, indicator: str) -> None:
    event = event_of(anonymizer, a_report(indicator=indicator, location=None))
    assert (event.area, event.placement) == ("999", Placement.REST_NO_LOCATION)


@given(
    st.sampled_from(Sensitivity),
    st.integers(0, 10**9).map(lambda seconds: NOON - timedelta(seconds=seconds)),
)
def test_an_instant_is_never_finer_than_the_policy(
    anonymizer: Anonymizer, sensitivity: Sensitivity, at: datetime
) -> None:
    event = event_of(anonymizer, a_report(indicator=OF_CLASS[sensitivity], occurred_at=at))
    said = POLICY.get(sensitivity, Coarsening(Tier.MINUTE))
    assert event.occurred_at == floored(at, said.grain)
