"""Who plays, with the demo pack as it is."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from deploy.demo import cast
from deploy.demo.draft import Kind
from deploy.demo.run import DemoOptions, demo
from deploy.demo.simulator import Reporter
from deploy.demo.truth import Coarse, Width
from deploy.embedded.up import default_pack
from shared.pack import Pack, load_pack
from shared.pack.model import Coarsening, Sensitivity
from shared.pack.model import Kind as IndicatorKind
from shared.windows import Tier

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPORTING = ["police", "fire", "guards", "housing", "education"]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(default_pack())


@pytest.fixture(scope="module")
def reporters(pack: Pack) -> list[Reporter]:
    ground = cast.ground(pack)
    return [Reporter(part, ground, seed=1, tag="t") for part in cast.parts(pack, rate=40)]


def test_the_truth_is_as_coarse_as_the_design_and_the_packs_policy_say(pack: Pack) -> None:
    coarse = cast.coarse(pack)
    assert coarse["arson"] == Coarse(Width.MINUTE, 3, "999")
    assert coarse["robbery"] == Coarse(Width.HOUR, 3, "999")
    assert coarse["obstructing_justice"] == Coarse(Width.DAY, 2, "999")
    policy = {Sensitivity.S1: Coarsening(Tier.HOUR, 1)}
    assert cast.coarse(replace(pack, coarsening=policy))["arson"] == Coarse(Width.HOUR, 1, "999")


def test_nobody_wishes_for_leaf_areas_of_what_is_not_counted_in_them(pack: Pack) -> None:
    before = {one.actor: {*one.indicators} for one in cast.wishes(pack)}
    assert "arson" in before["police"]
    coarser = replace(pack, coarsening={Sensitivity.S1: Coarsening(Tier.MINUTE, 2)})
    after = {one.actor: {*one.indicators} for one in cast.wishes(coarser)}
    assert "arson" not in after["police"]


def test_the_five_actors_that_report_events_play(reporters: list[Reporter]) -> None:
    assert [reporter.actor for reporter in reporters] == REPORTING


def test_every_actor_reports_only_what_it_may_and_where_the_pack_has_areas(
    pack: Pack, reporters: list[Reporter]
) -> None:
    for reporter in reporters:
        may = {
            one.code
            for one in pack.reportable_by(reporter.actor)
            if one.kind is IndicatorKind.EVENT
        }
        told = [
            draft.telling
            for request in reporter.history(NOW, 5_000)
            for draft in request.drafts
            if draft.telling and draft.telling.is_live
        ]
        assert {one.indicator for one in told} == may
        assert {one.area for one in told} <= pack.leaf_codes


def test_the_history_has_every_area_every_way_and_every_kind(
    pack: Pack, reporters: list[Reporter]
) -> None:
    drafts = [
        draft
        for reporter in reporters
        for request in reporter.history(NOW, 10_000)
        for draft in request.drafts
    ]
    areas = Counter(draft.telling.area for draft in drafts if draft.telling)
    assert pack.leaf_codes <= set(areas)
    assert set(Kind) - {draft.kind for draft in drafts} == {Kind.CLOSING}
    fields = {" ".join(sorted(draft.telling.location or ())) for draft in drafts if draft.telling}
    assert fields == {"lat lon", "crs e n", "nyko", "address", "property", "object", ""}


def test_the_bad_rows_have_no_telling_and_name_other_indicators(
    pack: Pack, reporters: list[Reporter]
) -> None:
    for part in cast.parts(pack, rate=40):
        assert not set(part.forbidden.foreign) & set(part.indicators)
        assert set(part.forbidden.statistics).isdisjoint(cast.coarse(pack))
    drafts = [one for request in reporters[0].history(NOW, 2_000) for one in request.drafts]
    assert {draft.is_good for draft in drafts if draft.kind is Kind.BAD} == {False}
    assert {draft.is_good for draft in drafts if draft.kind is not Kind.BAD} == {True}


def test_subscribers_ask_for_what_they_may_see_and_one_code_that_they_may_not(
    pack: Pack,
) -> None:
    wishes = cast.wishes(pack)
    assert [wish.actor for wish in wishes] == ["fire", "police"]
    for wish in wishes:
        cleared = {code for code in wish.indicators if pack.is_cleared(wish.actor, code, 3)}
        assert len(cleared) >= 3
        assert set(wish.indicators) - cleared == wish.withheld
        assert len(wish.withheld) == 1


def test_every_row_that_is_not_broken_on_purpose_is_json(reporters: list[Reporter]) -> None:
    for reporter in reporters:
        for request in reporter.history(NOW, 1_000):
            for draft in request.drafts:
                assert b"\n" not in draft.line
                if draft.is_good:
                    assert isinstance(json.loads(draft.line), dict)


@pytest.mark.parametrize("options", [DemoOptions(rate=0), DemoOptions(seconds=-1)])
def test_impossible_options_are_refused(
    options: DemoOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo(options) == 2
    assert capsys.readouterr().err
