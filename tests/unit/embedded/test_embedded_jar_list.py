import pytest

from deploy.embedded.jars import KAFKA, LOGGING, Jar, pinned, read_list

SUM = "a" * 64


def test_a_list_holds_coordinates_and_sums() -> None:
    jars = read_list(f"# from a release\n\norg.example:lib_2.13:1.0-b2 {SUM}\n")

    assert jars == (Jar("org.example", "lib_2.13", "1.0-b2", SUM),)
    assert jars[0].filename == "lib_2.13-1.0-b2.jar"
    assert jars[0].coordinates == "org.example:lib_2.13:1.0-b2"


@pytest.mark.parametrize(
    "line",
    [
        "org.example:lib:1.0",
        f"org.example:lib {SUM}",
        f"org.example:lib:1.0 {SUM[1:]}",
        f"org.example:lib:1.0 {SUM.upper()}",
        f"org.example:../lib:1.0 {SUM}",
        f"org.example:lib:1.0  {SUM}",
    ],
)
def test_a_line_of_another_form_is_refused_by_its_number(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_list(f"org.example:other:1.0 {SUM}\n{line}\n")


def test_two_jars_with_one_file_name_are_refused() -> None:
    with pytest.raises(ValueError, match="one file name"):
        read_list(f"org.a:lib:1.0 {SUM}\norg.b:lib:1.0 {SUM}\n")


def test_the_pinned_list_holds_what_the_maintainers_asked_for() -> None:
    coordinates = {jar.coordinates for jar in pinned()}

    assert {KAFKA, LOGGING} <= coordinates
    assert len(coordinates) == 46


def test_all_parts_of_kafka_and_of_its_logging_are_of_one_version() -> None:
    """Resolved together, the logging would silently bring an older kafka-clients."""
    versions = {
        group: {jar.version for jar in pinned() if jar.group == group}
        for group in ("org.apache.kafka", "org.apache.logging.log4j")
    }

    assert versions == {"org.apache.kafka": {"4.3.1"}, "org.apache.logging.log4j": {"2.25.4"}}
