"""The anonymizer, but it dies (`kill -9`) right before or after a step: of keys, or of linking.

    python -m tests.support.dying_anonymizer STEP

STEP is one of `STEPS`. Settings come from the environment, as for the real one.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from services.anonymizer.app import build
from services.anonymizer.config import AnonymizerSettings
from services.anonymizer.keys import files
from services.anonymizer.keys.announcer import KafkaAnnouncer
from services.anonymizer.keys.folder import KeyFolder
from services.anonymizer.keys.index import State
from services.anonymizer.keys.reports_log import ReportsLog
from services.anonymizer.keys.waits import Paces
from services.anonymizer.linking import Linking
from shared.announcements import KeyState
from shared.http import serve
from shared.logging import configure
from shared.settings import read_settings

QUICK = Paces(rounds=0.2, grace=1.0, delete=60.0, drain=3.0)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(owner: Any, name: str, when: Callable[..., bool]) -> None:
    work = getattr(owner, name)

    def dying(*given: Any, **named: Any) -> Any:
        if when(*given, **named):
            _die()
        return work(*given, **named)

    setattr(owner, name, dying)


def _before_retiring() -> None:
    _before(KeyFolder, "change", lambda *_, **news: news.get("state") is State.RETIRED)


def _before_saying_so() -> None:
    _before(
        KafkaAnnouncer, "announce", lambda _self, _entry, state, _stamp: state is KeyState.RETIRED
    )


def _before_noting_that_it_was_said() -> None:
    _before(KeyFolder, "change", lambda *_, **news: news.get("announced") == "retired")


def _before_noting_the_ends() -> None:
    _before(KeyFolder, "change", lambda *_, **news: "ends" in news)


def _before_destroying() -> None:
    _before(KeyFolder, "destroy", lambda *_: True)


def _after_overwriting() -> None:
    overwrite = files.overwrite

    def overwritten(file: Any) -> None:
        overwrite(file)
        _die()

    files.overwrite = overwritten


def _after_unlinking() -> None:
    destroy = files.destroy

    def unlinked(file: Any) -> None:
        destroy(file)
        _die()

    files.destroy = unlinked


def _before_deleting_records() -> None:
    deletions = iter((False,))  # the first is at the start, when nothing has been retired yet
    _before(ReportsLog, "delete_processed", lambda *_: next(deletions, True))


def _before_withdrawing() -> None:
    _before(KafkaAnnouncer, "withdraw", lambda *_: True)


def _after_deciding() -> None:
    decide = Linking._decided

    async def decided(*given: Any) -> Any:
        await decide(*given)
        _die()

    Linking._decided = decided  # type: ignore[method-assign,assignment] # what dies is another one


AFTER_DECIDING = "after deciding"

STEPS: dict[str, Callable[[], None]] = {
    "before retiring": _before_retiring,
    "before saying so": _before_saying_so,
    "before noting that it was said": _before_noting_that_it_was_said,
    "before noting the ends": _before_noting_the_ends,
    "before destroying": _before_destroying,
    "after overwriting": _after_overwriting,
    "after unlinking": _after_unlinking,
    "before deleting records": _before_deleting_records,
    "before withdrawing": _before_withdrawing,
    AFTER_DECIDING: _after_deciding,
}

if __name__ == "__main__":
    STEPS[sys.argv[1]]()
    given = read_settings(AnonymizerSettings)
    configure("anonymizer", given.log_format)
    sys.exit(serve(build(given, paces=QUICK), host=given.host, port=given.port))
