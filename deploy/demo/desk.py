"""Between simulator and senders: sends, compares ingest's judgement with what is known of each row.

The truth learns of a row here, and only when ingest has accepted it.
"""

import time
from collections.abc import Callable, Mapping
from uuid import UUID

from deploy.demo.draft import Kind, Request
from deploy.demo.latency import Stopwatch, Version
from deploy.demo.senders import Answer, Sender, UnexpectedAnswerError
from deploy.demo.tally import Tally
from deploy.demo.truth import Truth

TIMED = frozenset({Kind.FRESH, Kind.CORRECTION, Kind.WITHDRAWAL})
"""What becomes the newest version of its event, so that its count can be awaited."""


class Desk:
    """Takes requests from reporters and sends them, in order for each actor."""

    def __init__(
        self,
        senders: Mapping[str, Sender],
        *,
        truth: Truth,
        tally: Tally,
        stopwatch: Stopwatch,
        event_id: Callable[[str, str], UUID],
    ) -> None:
        self._senders = senders
        self._truth = truth
        self._tally = tally
        self._stopwatch = stopwatch
        self._event_id = event_id

    async def send(self, request: Request, *, timed: bool = True) -> None:
        """Send until it is answered, and write down what became of each row."""
        watched = self._watched(request) if timed else {}
        self._stopwatch.sending(watched.values())
        try:
            answer = await self._senders[request.actor].send(request)
        except UnexpectedAnswerError as error:
            self._tally.unexpected[error.status] += 1
            self._stopwatch.forget(watched.values())
            return
        now = time.perf_counter()
        self._stopwatch.forget(watched[row] for row in answer.rejected if row in watched)
        self._stopwatch.acknowledged(watched.values(), at=now)
        self._judge(request, answer)

    def _watched(self, request: Request) -> dict[int, Version]:
        """What can be timed, by row."""
        return {
            row: (self._event_id(draft.telling.actor, draft.telling.own_id), draft.telling.version)
            for row, draft in enumerate(request.drafts)
            if draft.telling and draft.kind in TIMED
        }

    def _judge(self, request: Request, answer: Answer) -> None:
        tally, sent = self._tally, self._tally.sent[request.actor]
        for row, draft in enumerate(request.drafts):
            refusal = answer.rejected.get(row)
            if draft.is_good is (refusal is not None):
                tally.misjudged += 1
            if refusal is not None:
                sent.rejected += 1
                tally.reasons[refusal.code] += 1
                tally.messages[refusal.code] = refusal.message
                continue
            sent.accepted += 1
            if draft.telling:
                self._truth.accept(draft.telling)
        rows = range(len(request.drafts))
        if answer.accepted + len(answer.rejected) != len(rows) or set(answer.rejected) - set(rows):
            tally.misjudged += 1
