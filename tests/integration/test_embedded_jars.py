"""The cache of jars, with a fetch that needs no network."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.embedded.errors import CannotStart
from deploy.embedded.jars import Jar, cache_folder, ensure
from deploy.embedded.progress import Fetched


def a_jar(name: str) -> Jar:
    return Jar("org.example", name, "1.0", hashlib.sha256(name.encode()).hexdigest())


JARS = (a_jar("one"), a_jar("two"), a_jar("three"))


def fetch_right(jar: Jar, scratch: Path) -> Path:
    path = scratch / jar.filename
    path.write_text(jar.artifact)
    return path


def fetch_wrong(jar: Jar, scratch: Path) -> Path:
    path = fetch_right(jar, scratch)
    if jar.artifact == "two":
        path.write_text("something else")
    return path


def fetch_without_network(_jar: Jar, _scratch: Path) -> Path:
    raise ConnectionError


def test_missing_jars_are_fetched_once_and_announced(tmp_path: Path) -> None:
    announced: list[str] = []

    @contextmanager
    def announce(total: int) -> Iterator[Fetched]:
        announced.append(f"{total} missing")
        yield announced.append

    paths = ensure(tmp_path, JARS, fetch=fetch_right, announce=announce)
    again = ensure(tmp_path, JARS, fetch=fetch_without_network, announce=announce)

    assert announced == ["3 missing", "one-1.0.jar", "two-1.0.jar", "three-1.0.jar"]
    assert again == paths == tuple(tmp_path / "jars" / jar.filename for jar in JARS)
    assert [path.read_text() for path in paths] == ["one", "two", "three"]
    assert sorted(entry.name for entry in (tmp_path / "jars").iterdir()) == sorted(
        jar.filename for jar in JARS
    )


def test_a_fetched_jar_with_a_wrong_sum_is_refused_by_name_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"two-1\.0\.jar.*org\.example:two:1\.0"):
        ensure(tmp_path, JARS, fetch=fetch_wrong)

    assert not (tmp_path / "jars" / "two-1.0.jar").exists()


def test_a_cached_jar_that_was_changed_is_refused_by_name(tmp_path: Path) -> None:
    changed = ensure(tmp_path, JARS, fetch=fetch_right)[2]
    changed.write_text("thr3e")

    with pytest.raises(CannotStart, match=str(changed)):
        ensure(tmp_path, JARS, fetch=fetch_right)


def test_without_network_the_error_names_what_is_missing_and_the_way_around(
    tmp_path: Path,
) -> None:
    ensure(tmp_path, JARS[:1], fetch=fetch_right)

    with pytest.raises(CannotStart) as caught:
        ensure(tmp_path, JARS, fetch=fetch_without_network)

    for text in (caught.value.text.sv, caught.value.text.en):
        assert "org.example:two:1.0" in text
        assert "three-1.0.jar" in text
        assert "one-1.0.jar" not in text
        assert str(tmp_path / "jars") in text
        assert "LAGESBILD_KAFKA=host:port" in text
        assert "LAGESBILD_POSTGRES=DSN" in text


def test_the_cache_is_where_the_environment_says(tmp_path: Path) -> None:
    assert cache_folder({"LAGESBILD_CACHE": str(tmp_path)}) == tmp_path
    assert cache_folder({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "lagesbild"
    assert cache_folder({}) == Path.home() / ".cache" / "lagesbild"
