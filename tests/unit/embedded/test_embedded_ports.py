from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.embedded.errors import CannotStart
from deploy.embedded.ports import ANY, ANY_VARIABLE, USUAL, choose, choose_any, set_by


def everything_is_free(_port: int) -> bool:
    return True


def chosen(
    *names: str,
    explicit: Mapping[str, int] | None = None,
    remembered: Mapping[str, int] | None = None,
    taken: set[int] | None = None,
) -> dict[str, int]:
    return choose(
        names,
        explicit=explicit or {},
        remembered=remembered or {},
        is_free=lambda port: port not in (taken or set()),
    )


def test_a_new_installation_takes_the_usual_ports() -> None:
    assert chosen(*USUAL) == dict(USUAL)


def test_a_new_installation_takes_the_next_free_port_where_the_usual_one_is_taken() -> None:
    ports = chosen("ingest", "postgres", taken={8420, 8432, 8433})

    assert ports == {"ingest": 8424, "postgres": 8434}  # 8421 to 8423 are usual ports of others


def test_an_installation_keeps_its_ports() -> None:
    assert chosen("ingest", remembered={"ingest": 9000}) == {"ingest": 9000}


def test_a_remembered_port_in_use_is_named_with_its_service() -> None:
    with pytest.raises(CannotStart, match=r"9000.*ingest.*LAGESBILD_PORT_INGEST"):
        chosen("ingest", remembered={"ingest": 9000}, taken={9000})


def test_a_port_that_was_set_comes_before_a_remembered_one() -> None:
    assert chosen("kafka", explicit={"kafka": 1}, remembered={"kafka": 2}) == {"kafka": 1}


def test_a_port_that_was_set_and_is_in_use_is_named_with_its_service() -> None:
    with pytest.raises(CannotStart, match=r"8500.*delivery.*LAGESBILD_PORT_DELIVERY"):
        chosen("delivery", explicit={"delivery": 8500}, taken={8500})


def test_one_port_set_for_two_services_is_refused() -> None:
    with pytest.raises(CannotStart, match="8500"):
        chosen("ingest", "delivery", explicit={"ingest": 8500, "delivery": 8500})


def test_the_port_of_a_server_that_is_elsewhere_may_be_in_use() -> None:
    assert chosen("ingest", remembered={"kafka": 9000}, taken={9000}) == {"ingest": 8420}


@given(st.sets(st.integers(8400, 8600)), st.sets(st.sampled_from(sorted(USUAL))))
def test_a_new_installation_never_gets_a_taken_port_nor_one_twice(
    taken: set[int], names: set[str]
) -> None:
    ports = chosen(*names, taken=taken)

    assert set(ports) == names
    assert len(set(ports.values())) == len(ports)
    assert not set(ports.values()) & taken


def test_who_starts_installations_side_by_side_gives_each_its_own_range(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ANY_VARIABLE, "20000-20001")
    for _ in range(20):
        port = choose_any(["kafka"], is_free=everything_is_free)["kafka"]
        assert port in {20000, 20001}


def test_any_free_ports_lie_below_those_of_outgoing_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(ANY_VARIABLE, raising=False)
    ports = choose_any(USUAL, is_free=everything_is_free)

    assert len(set(ports.values())) == len(USUAL)
    assert all(ANY.start <= port <= ANY.stop + len(USUAL) for port in ports.values())


def test_the_environment_sets_ports() -> None:
    assert set_by({"LAGESBILD_PORT_KAFKA_CONTROLLER": "9001", "PORT": "1"}) == {
        "kafka_controller": 9001
    }


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "8 000", "²"])
def test_a_port_that_is_no_number_is_named_by_its_variable(text: str) -> None:
    with pytest.raises(CannotStart, match="LAGESBILD_PORT_POSTGRES"):
        set_by({"LAGESBILD_PORT_POSTGRES": text})
