"""A restore looks at the backup before it touches anything else."""

from pathlib import Path

import pytest

from deploy.backup.manifest import DUMP, MANIFEST
from services.cli import main


@pytest.mark.parametrize(
    ("written", "told"),
    [({}, "No such file"), ({MANIFEST: "{}", DUMP: ""}, "is not the manifest of a backup")],
    ids=["missing", "broken"],
)
def test_for_a_backup_that_is_none_no_folder_is_made_and_no_server_started(
    written: dict[str, str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAGESBILD_LANGUAGE", "en")
    backup, data = tmp_path / "backup", tmp_path / "data"
    backup.mkdir()
    for name, text in written.items():
        (backup / name).write_text(text)
    assert main(["restore", str(backup), "--data", str(data)]) == 2
    assert told in capsys.readouterr().err
    assert not data.exists()
