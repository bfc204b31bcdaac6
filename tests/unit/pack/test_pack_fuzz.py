"""Whatever stands in a file, the answer is a list of mistakes and never a crash."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.pack import Mistake, PackError, check, load_pack

PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("null", "[]", "{}", "- ", ": ", "\n", "\n  ", '"', "'", "&a ", "*a", "!!set ", "? "),
            *("1e400", "-0", "NaN", "true", "~", "0x1F", "1_0", "---\n", "...", "\t", "\r", "#"),
            *("[[[[0, 0]]]]", '{"type": "Polygon"}', '{"type":"Feature"}', "<<: ", ",", ";", "=a"),
        ]
    ),
)


def wrote(folder: Path, files: Mapping[str, str]) -> Path:
    (folder / "agreements").mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    return folder


@given(change=st.data())
@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150
)
def test_a_file_with_anything_in_it_gives_mistakes_and_no_crash(
    small_files: Mapping[str, str], change: st.DataObject
) -> None:
    name = change.draw(st.sampled_from(sorted(small_files)))
    text = small_files[name]
    start = change.draw(st.integers(0, len(text)))
    end = change.draw(st.integers(start, min(len(text), start + 40)))
    text = text[:start] + change.draw(PIECES) + text[end:]
    with TemporaryDirectory() as folder:
        path = wrote(Path(folder), {**small_files, name: text})
        mistakes = check(path)
        for one in mistakes:
            assert 1 <= one.line <= text.count("\n") + text.count("\r") + 2 or one.file != name
            assert one.message.sv
            assert one.message.en
        if not mistakes:
            assert load_pack(path).code
        else:
            _refuses_no_more_than(mistakes, path)


def _refuses_no_more_than(mistakes: list[Mistake], path: Path) -> None:
    """Loading sees no borders and no registers, but never a mistake that checking misses."""
    try:
        load_pack(path)
    except PackError as error:
        unknown = set(error.found) - set(mistakes)
    else:
        unknown = set()
    assert not unknown
