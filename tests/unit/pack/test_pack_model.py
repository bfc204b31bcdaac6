"""What a pack answers about its areas, its catalogue and its clearances."""

from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pack import Actor, Area, Family, Indicator, Kind, Pack, Sensitivity, load_pack
from shared.pack.model import Coarsening
from shared.windows import Tier


def an_indicator(code: str, sensitivity: Sensitivity, *, actors: frozenset[str]) -> Indicator:
    return Indicator(
        code=code,
        name=f"{code} på svenska",
        name_en=code,
        kind=Kind.EVENT,
        sensitivity=sensitivity,
        family=Family.OTHER,
        actors=actors,
    )


def a_pack(
    leaves: tuple[str, ...] = ("011", "012", "111"),
    *,
    levels: tuple[int, ...] = (1, 2, 3),
    exact: dict[str, frozenset[Sensitivity]] | None = None,
) -> Pack:
    """A pack of the leaves, with 10 people in each and one indicator of each class."""
    names = {leaf[:length]: f"Område {leaf[:length]}" for leaf in leaves for length in levels}
    rest = {"9" * length: "Övrigt" for length in levels}
    indicators = {
        f"of_{one.lower()}": an_indicator(f"of_{one.lower()}", one, actors=frozenset({"fire"}))
        for one in Sensitivity
    }
    return Pack(
        path=Path("pack"),
        code="0012",
        name="Småstad",
        synthetic=True,
        levels=levels,
        rest_code="9" * levels[-1],
        crs=3011,
        areas=tuple(Area(leaf, names[leaf], 10) for leaf in sorted(leaves)),
        area_names=names | rest,
        indicators=indicators,
        actors={"fire": Actor("fire", "Räddningstjänsten", "Fire service")},
        exact=exact or {},
        webhook_networks=(),
    )


def test_the_leaf_level_is_the_last_one() -> None:
    assert a_pack().leaf_level == 3


def test_the_leaf_codes_include_the_rest_area() -> None:
    assert a_pack().leaf_codes == {"011", "012", "111", "999"}


def test_the_codes_of_a_level_are_sorted_and_include_the_rest_area() -> None:
    pack = a_pack()
    assert pack.codes_at(1) == ("0", "1", "9")
    assert pack.codes_at(2) == ("01", "11", "99")
    assert pack.codes_at(3) == ("011", "012", "111", "999")


@pytest.mark.parametrize("level", [-1, 0, 4])
def test_a_level_that_the_pack_does_not_have_is_an_error(level: int) -> None:
    with pytest.raises(ValueError, match="levels 1 to 3"):
        a_pack().codes_at(level)
    with pytest.raises(ValueError, match="levels 1 to 3"):
        a_pack().code_at("011", level)


def test_a_leaf_lies_in_the_area_that_its_code_begins_with() -> None:
    pack = a_pack()
    assert [pack.code_at("012", level) for level in (1, 2, 3)] == ["0", "01", "012"]


def test_the_level_of_a_code_is_found_by_membership_and_not_by_length() -> None:
    pack = a_pack()
    assert [pack.level_of(code) for code in ("0", "01", "012", "99")] == [1, 2, 3, 2]
    assert pack.level_of("77") is None
    assert pack.level_of("") is None


def test_the_people_of_an_upper_area_are_those_of_its_leaves() -> None:
    pack = a_pack()
    assert pack.population_of("0") == 20
    assert pack.population_of("111") == 10
    assert pack.population_of("9") == 0


def test_an_unknown_area_has_neither_name_nor_people() -> None:
    with pytest.raises(KeyError):
        a_pack().name_of("77")
    with pytest.raises(KeyError):
        a_pack().population_of("77")


def test_an_actor_may_report_what_the_catalogue_says_in_its_order() -> None:
    codes = [one.code for one in a_pack().reportable_by("fire")]
    assert codes == ["of_s0", "of_s1", "of_s2", "of_s3"]
    assert a_pack().reportable_by("police") == ()


@pytest.mark.parametrize("actor", ["fire", "nobody"])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_lowest_class_is_exact_for_all(actor: str, level: int) -> None:
    assert a_pack().is_cleared(actor, "of_s0", level)


def test_a_class_is_exact_only_for_who_is_cleared_for_it() -> None:
    pack = a_pack(exact={"fire": frozenset({Sensitivity.S0, Sensitivity.S1})})
    assert pack.is_cleared("fire", "of_s1", 3)
    assert not pack.is_cleared("fire", "of_s2", 1)
    assert not pack.is_cleared("police", "of_s1", 3)


def test_the_highest_class_is_never_exact_below_level_two() -> None:
    pack = a_pack(exact={"fire": frozenset(Sensitivity)})
    assert [pack.is_cleared("fire", "of_s3", level) for level in (1, 2, 3)] == [True, True, False]


def test_an_unknown_indicator_has_no_clearance_to_ask_for() -> None:
    with pytest.raises(KeyError):
        a_pack().is_cleared("fire", "of_s9", 3)


LEAVES = st.sets(st.text(alphabet="012345678", min_size=4, max_size=4), min_size=1, max_size=40)


@given(leaves=LEAVES, levels=st.sampled_from([(1, 2, 4), (2, 3, 4), (1, 3, 4)]))
def test_every_level_divides_the_same_people(
    leaves: set[str], levels: tuple[int, int, int]
) -> None:
    pack = a_pack(tuple(leaves), levels=levels)
    for level in (1, 2, 3):
        codes = pack.codes_at(level)
        assert sum(pack.population_of(code) for code in codes) == 10 * len(leaves)
        assert {pack.code_at(leaf, level) for leaf in pack.leaf_codes} == set(codes)
        assert all(pack.level_of(code) == level for code in codes)
        assert all(pack.name_of(code) for code in codes)


def test_without_a_policy_every_class_is_as_the_design_says() -> None:
    pack = a_pack()
    grains = [pack.grain_of(code).value for code in ("of_s0", "of_s1", "of_s2", "of_s3")]
    assert grains == ["minute", "minute", "hour", "day"]
    assert {pack.finest_level(code) for code in pack.indicators} == {3}


def test_a_policy_is_read_with_what_it_leaves_out(tmp_path: Path) -> None:
    demo = Path(__file__).parents[3] / "deploy" / "municipalities" / "demo"
    folder = copytree(demo, tmp_path / "pack")
    policy = folder / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    said = "  S0: {time: hour}\n  S2: {level: 1}\n  S3: {time: day, level: 2}"
    policy.write_text(text.replace("  S3: {time: day, level: 2}", said), encoding="utf-8")
    pack = load_pack(folder)
    assert pack.coarsening == {
        Sensitivity.S0: Coarsening(Tier.HOUR, None),
        Sensitivity.S2: Coarsening(Tier.HOUR, 1),
        Sensitivity.S3: Coarsening(Tier.DAY, 2),
    }
    codes = ("fire_outdoors_public", "arson", "robbery", "obstructing_justice")
    assert [pack.grain_of(code).value for code in codes] == ["hour", "minute", "hour", "day"]
    assert [pack.finest_level(code) for code in codes] == [3, 3, 1, 2]
