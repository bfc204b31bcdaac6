"""What the actors send: repeatable, and with every trouble of life in it."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from deploy.demo import faults
from deploy.demo.draft import Draft, Form, Kind, Request
from deploy.demo.faults import Fault, Forbidden
from deploy.demo.simulator import Part, Reporter
from deploy.demo.temperament import Temperament, temperaments
from tests.unit.demo import towns

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FORBIDDEN = Forbidden(foreign=("arson",), statistics=("truancy",))
INDICATORS = ("vandalism_public", "disturbance_public")


def reporter(
    actor: str = "guards", *, seed: int = 1, tag: str = "t", form: Form = Form.NDJSON
) -> Reporter:
    part = Part(
        actor=actor,
        indicators=INDICATORS,
        forbidden=FORBIDDEN,
        temperament=Temperament(0.5, form, (10, 30), (1, 2), 60),
    )
    return Reporter(part, towns.ground(), seed=seed, tag=tag)


def requests(one: Reporter, *, impulses: int = 30) -> Iterator[Request]:
    for at in range(impulses):
        yield from one.impulse(NOW + timedelta(seconds=at), rate=40).requests


def drafts(one: Reporter, *, impulses: int = 30) -> list[Draft]:
    return [draft for request in requests(one, impulses=impulses) for draft in request.drafts]


@pytest.fixture(scope="module")
def many() -> list[Draft]:
    return drafts(reporter(), impulses=150)


def rows(some: list[Draft]) -> Iterator[tuple[Draft, dict[str, Any]]]:
    for draft in some:
        if draft.telling:
            yield draft, json.loads(draft.line)


def test_the_same_seed_sends_the_same_bytes() -> None:
    one, other = (list(requests(reporter())) for _ in range(2))
    assert one == other


def test_another_seed_or_actor_sends_something_else() -> None:
    first = list(requests(reporter(), impulses=3))
    assert first != list(requests(reporter(seed=2), impulses=3))
    assert first != list(requests(reporter("housing"), impulses=3))


def test_two_runs_never_share_an_id() -> None:
    for actor in ("guards", "housing", "education"):
        runs = (drafts(reporter(actor, tag=tag)) for tag in ("one", "two"))
        one, other = ({draft.telling.own_id for draft in run if draft.telling} for run in runs)
        assert not one & other


def test_every_kind_of_row_occurs(many: list[Draft]) -> None:
    used = Counter(draft.kind for draft in many)
    assert set(used) == set(Kind) - {Kind.CLOSING}
    assert used[Kind.FRESH] > len(many) / 2


def test_a_row_says_what_its_telling_says(many: list[Draft]) -> None:
    for draft, row in rows(many):
        told = draft.telling
        assert told is not None
        assert (row["id"], row.get("version", 1)) == (told.own_id, told.version)
        assert row.get("withdrawn", False) is not told.is_live
        if told.occurred_at is not None:
            assert datetime.fromisoformat(row["occurred_at"]) == told.occurred_at
            assert (row["indicator"], row["location"]) == (told.indicator, told.location)


def test_a_withdrawal_has_a_version_of_at_least_two(many: list[Draft]) -> None:
    withdrawals = [draft.telling for draft in many if draft.telling and not draft.telling.is_live]
    assert withdrawals
    assert all(one.version >= 2 for one in withdrawals)


def test_a_resend_is_byte_for_byte_something_sent_before(many: list[Draft]) -> None:
    sent: set[bytes] = set()
    for draft in many:
        assert draft.line in sent or draft.kind is not Kind.RESEND
        sent.add(draft.line)


def test_a_stale_row_is_older_than_what_was_sent(many: list[Draft]) -> None:
    newest: dict[str, int] = defaultdict(int)
    for draft in many:
        if told := draft.telling:
            assert draft.kind is not Kind.STALE or told.version < newest[told.own_id]
            newest[told.own_id] = max(newest[told.own_id], told.version)


def test_second_versions_and_withdrawals_arrive_before_the_first(many: list[Draft]) -> None:
    early = [draft.telling for draft in many if draft.kind is Kind.EARLY and draft.telling]
    assert {one.is_live for one in early} == {True, False}
    firsts = {
        draft.telling.own_id
        for draft in many
        if draft.kind is Kind.STALE and draft.telling and draft.telling.version == 1
    }
    assert len({one.own_id for one in early} & firsts) > len(early) / 2


def test_corrections_move_area_time_and_indicator(many: list[Draft]) -> None:
    before: dict[str, Any] = {}
    moved: Counter[str] = Counter()
    for draft in many:
        told = draft.telling
        if told and draft.kind is Kind.CORRECTION and told.own_id in before:
            old = before[told.own_id]
            moved["area"] += old.area != told.area
            moved["time"] += old.occurred_at != told.occurred_at
            moved["indicator"] += old.indicator != told.indicator
        if told and told.is_live:
            before[told.own_id] = told
    assert min(moved[name] for name in ("area", "time", "indicator")) > 5


def test_an_event_lives_again_after_its_withdrawal(many: list[Draft]) -> None:
    revived = [draft.telling for draft in many if draft.kind is Kind.REVIVAL and draft.telling]
    assert revived
    assert all(one.is_live and one.version >= 3 for one in revived)


def test_careless_actors_use_a_version_twice_for_different_things(many: list[Draft]) -> None:
    lines: dict[tuple[str, int], set[bytes]] = defaultdict(set)
    for draft in many:
        if draft.telling:
            lines[draft.telling.own_id, draft.telling.version].add(draft.line)
    assert max(len(one) for one in lines.values()) > 1


def test_text_and_extra_are_full_of_persons(many: list[Draft]) -> None:
    found = [row for _, row in rows(many)]
    assert sum("-9" in row.get("text", "") for row in found) > 100
    assert sum("personnummer" in json.dumps(row.get("extra", {})) for row in found) > 100


def test_some_ids_point_at_persons() -> None:
    told = [draft.telling for draft in drafts(reporter("housing"), impulses=3) if draft.telling]
    assert all(one.own_id[:8].isdigit() for one in told)


def test_a_request_holds_what_its_form_promises() -> None:
    array = next(requests(reporter(form=Form.ARRAY)))
    assert len(json.loads(array.body)) == len(array.drafts)
    assert array.content_type == "application/json"
    lines = next(requests(reporter(form=Form.NDJSON)))
    assert lines.body.count(b"\n") == len(lines.drafts)
    assert lines.content_type == "application/x-ndjson"


def test_rows_arrive_at_the_rate_that_was_asked_for() -> None:
    one = reporter()
    impulses = [one.impulse(NOW, rate=40) for _ in range(300)]
    sent = sum(len(request.drafts) for impulse in impulses for request in impulse.requests)
    assert sent / sum(impulse.pause_s for impulse in impulses) == pytest.approx(20, rel=0.1)


def test_the_history_is_the_share_that_was_asked_for_and_lies_in_the_past() -> None:
    history = list(reporter().history(NOW, 2_000))
    told = [one.telling for request in history for one in request.drafts if one.telling]
    assert sum(len(request.drafts) for request in history) == 1_000
    fresh = [one.occurred_at for one in told if one.version == 1 and one.occurred_at]
    assert all(one <= NOW for one in fresh)


def test_the_last_words_are_a_good_report_under_the_chosen_id() -> None:
    draft = reporter().closing(NOW, "last")
    assert draft.kind is Kind.CLOSING
    assert draft.telling is not None
    assert (draft.telling.own_id, draft.telling.version, draft.telling.is_live) == ("last", 1, True)


@pytest.mark.parametrize("form", list(Form))
def test_every_fault_that_fits_the_form_occurs(form: Form) -> None:
    rng = Random(9)
    body: faults.Body = {"id": "1", "version": 1, "indicator": "x", "occurred_at": "y"}
    good = faults.encoded(body)
    for fault in faults.possible(form, FORBIDDEN):
        assert faults.spoiled(body, fault, forbidden=FORBIDDEN, now=NOW, rng=rng) != good


def test_a_body_of_one_row_never_has_a_fault_that_makes_it_unreadable() -> None:
    assert not faults.ONLY_AMONG_OTHERS & set(faults.possible(Form.ONE, FORBIDDEN))
    assert set(faults.possible(Form.NDJSON, FORBIDDEN)) == set(Fault)


def test_what_nobody_else_reports_cannot_be_reported_wrongly() -> None:
    possible = set(faults.possible(Form.NDJSON, Forbidden((), ())))
    assert not possible & {Fault.FOREIGN_INDICATOR, Fault.STATISTIC_INDICATOR}


def test_a_time_ahead_stays_wrong_while_a_request_waits() -> None:
    rng = Random(10)
    for _ in range(200):
        line = faults.spoiled({"id": "1"}, Fault.TIME_AHEAD, forbidden=FORBIDDEN, now=NOW, rng=rng)
        ahead = datetime.fromisoformat(json.loads(line)["occurred_at"]) - NOW
        assert ahead >= timedelta(minutes=30)


@pytest.mark.parametrize("rate", [1, 40, 5_000])
def test_temperaments_share_the_whole_rate(rate: float) -> None:
    tempers = temperaments(["police", "fire", "guards", "somebody"], rate=rate)
    assert sum(one.share for one in tempers.values()) == pytest.approx(1)
    assert all(1 <= one.rows[0] <= one.rows[1] for one in tempers.values())
    assert all(1 <= one.requests[0] <= one.requests[1] for one in tempers.values())


def test_who_sends_one_at_a_time_sends_lines_at_a_high_rate() -> None:
    assert temperaments(["police"], rate=40)["police"].form is Form.ONE
    assert temperaments(["police"], rate=4_000)["police"].form is Form.NDJSON
