"""The walks in the pages about privacy: what the command says of the report that stands in the page.

`python -m tests.support.privacy_pages` writes them anew, after anything that a walk shows has changed.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from deploy.embedded.up import default_pack
from services.tracing.anonymized import ground_of
from services.tracing.walk import Question, walked
from services.tracing.writing import written
from shared.language import Language
from shared.pack import load_pack

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {DOCS / "privacy.md": Language.EN, DOCS / "integritet.md": Language.SV}
NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)  # soon after the report of the page

_REPORT = re.compile(r"```json\n(\{.*?\})\n```", re.DOTALL)
_WALK = re.compile(r"(```\n\$ lagesbild [^\n]*\n).*?\n(```)", re.DOTALL)
_MADE_ANEW = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{16}\b")


def same_but_for_keys(page: str) -> str:
    """The page without what is another one each time: the event's id and the key's."""
    return _MADE_ANEW.sub("…", page)


def with_walk(page: str, language: Language) -> str:
    """The page with the walk as it is now."""
    found = _REPORT.search((DOCS / "privacy.md").read_text(encoding="utf-8"))
    assert found is not None
    ground = ground_of(load_pack(default_pack()))
    question = Question(ground=ground, actor="police", now=NOW, language=language)
    told = written(walked(json.loads(found[1]), question), question)
    return _WALK.sub(lambda block: f"{block[1]}{told}\n{block[2]}", page)


if __name__ == "__main__":
    for path, language in PAGES.items():
        path.write_text(with_walk(path.read_text(encoding="utf-8"), language), encoding="utf-8")
