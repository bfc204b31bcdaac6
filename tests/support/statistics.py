"""What the tests of statistics share: a demo pack in which somebody is cleared for S3."""

import shutil
from pathlib import Path

from tests.support.servers import ROOT

DEMO = ROOT / "deploy" / "municipalities" / "demo"


def a_pack_that_clears_police(folder: Path) -> Path:
    """The demo pack, where the police may see S3 exactly down to level 2; nobody else may."""
    pack = folder / "pack"
    shutil.copytree(DEMO, pack)
    policy = pack / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(text.replace("police: [S0, S1]", "police: [S0, S1, S3@2]"), encoding="utf-8")
    return pack
