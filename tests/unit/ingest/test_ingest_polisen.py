"""The police's feed: each trap of it, and archives of it."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.ingest.adapters.polisen import Unmapped, report_of
from services.ingest.sender.archive import Archive
from services.ingest.sender.replay import Outcome, feed_agreement, written
from shared.errors import ConfigurationError
from shared.language import Language
from shared.pack import check
from shared.pack.model import Agreement
from tests.support.police import write_pack

AGREEMENT = Agreement(
    actor="police",
    format="feed",
    codes=("injury", "animals"),
    words={"trafikolycka, personskada": "injury", "lagen om hundar och katter": "animals"},
    sheet=None,
)


def an_item(**changes: Any) -> dict[str, Any]:
    return {
        "id": 371971,
        "datetime": "2024-10-19 8:31:30 +02:00",
        "name": "19 oktober 08.31, Trafikolycka, Stockholm",
        "summary": "Två bilar.",
        "type": "Trafikolycka, personskada",
        "location": {"name": "Stockholm", "gps": "59.329324,18.068581"},
        "_revisions": 2,
        **changes,
    }


def test_an_event_becomes_a_report() -> None:
    assert report_of(an_item(), AGREEMENT) == {
        "id": "371971",
        "version": 3,
        "indicator": "injury",
        "occurred_at": "2024-10-19T08:31:30+02:00",
        "location": None,
        "text": "19 oktober 08.31, Trafikolycka, Stockholm\nTvå bilar.",
    }


def test_a_type_may_end_with_a_blank_and_have_an_hour_of_two_digits() -> None:
    item = an_item(type="Lagen om hundar och katter ", datetime="2024-10-19 18:31:30 +02:00")
    report = report_of(item, AGREEMENT)
    assert isinstance(report, dict)
    assert (report["indicator"], report["occurred_at"][11:13]) == ("animals", "18")


def test_a_type_that_is_not_agreed_on_is_named_as_the_feed_writes_it() -> None:
    assert report_of(an_item(type="Ufo "), AGREEMENT) == Unmapped("Ufo ")


@pytest.mark.parametrize("item", [{}, {"id": 1}, {"type": "Brand"}, an_item(id=None)])
def test_what_is_no_event_gives_no_report(item: dict[str, Any]) -> None:
    assert report_of(item, AGREEMENT) is None


@pytest.mark.parametrize(
    "location",
    [{"name": "Stockholm", "gps": "59.329324,18.068581"}, {"gps": "Stockholm"}, {}, None, "59,18"],
)
def test_the_middle_of_a_municipality_is_no_place(location: object) -> None:
    report = report_of(an_item(location=location), AGREEMENT)
    assert isinstance(report, dict)
    assert report["location"] is None


def test_an_instant_that_cannot_be_read_is_left_for_ingest_to_refuse() -> None:
    report = report_of(an_item(datetime="i går"), AGREEMENT)
    assert isinstance(report, dict)
    assert report["occurred_at"] == "i går"


def test_archives_are_read_packed_or_not_in_batches(tmp_path: Path) -> None:
    lines = [json.dumps(an_item(id=at)).encode() for at in range(5)]
    lines += [b"{broken", b"[]", b"", json.dumps(an_item(type="Ufo")).encode()]
    packed, plain = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl"
    packed.write_bytes(gzip.compress(b"\n".join(lines)))
    plain.write_bytes(b"\n".join(lines))
    archive = Archive([packed, plain], AGREEMENT)
    assert [len(batch) for batch in archive.batches(4)] == [4, 4, 2]
    assert archive.unmapped == {"Ufo": 2}
    assert archive.unreadable == 4


def test_a_file_that_is_cut_off_is_named(tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl.gz"
    file.write_bytes(gzip.compress(json.dumps(an_item()).encode() * 50)[:-20])
    with pytest.raises(ConfigurationError, match=r"cut\.jsonl\.gz"):
        list(Archive([file], AGREEMENT).batches(10))


def test_a_file_that_is_damaged_inside_is_named(tmp_path: Path) -> None:
    file = tmp_path / "damaged.jsonl.gz"
    packed = bytearray(gzip.compress(json.dumps(an_item()).encode() * 50))
    packed[10] = 0xFF  # a kind of block that there is not
    file.write_bytes(packed)
    with pytest.raises(ConfigurationError, match=r"damaged\.jsonl\.gz"):
        list(Archive([file], AGREEMENT).batches(10))


def test_a_replay_that_could_send_nothing_is_not_ok() -> None:
    assert not Outcome(unmapped=Counter(Ufo=3)).ok
    assert Outcome(sent=1, accepted=1, unmapped=Counter(Ufo=3)).ok
    assert Outcome().ok


def test_the_agreement_of_the_feed_is_found_in_the_pack(tmp_path: Path) -> None:
    pack = write_pack(tmp_path / "pack", {"Rån": "robbery", "Lagen om katter ": "cats"})
    assert check(pack) == []
    assert feed_agreement(pack, None).words == {"rån": "robbery", "lagen om katter": "cats"}
    with pytest.raises(ConfigurationError):
        feed_agreement(pack, "fire")


def test_what_became_of_it_is_told_to_people_and_machines() -> None:
    outcome = Outcome(sent=10, accepted=9, seconds=2.0)
    outcome.reasons["too_old"] = 1
    outcome.unmapped["Ufo"] = 3
    said = json.loads(written(outcome, as_json=True, language=Language.EN))
    assert said == {
        "ok": False,
        "sent": 10,
        "accepted": 9,
        "rejected": 1,
        "reasons": {"too_old": 1},
        "unmapped": {"Ufo": 3},
        "unreadable": 0,
        "seconds": 2.0,
        "rate_per_s": 5.0,
    }
    text = written(outcome, as_json=False, language=Language.SV)
    assert "9 mottagna" in text
    assert "  Ufo: 3" in text
