"""Aggregator: turns events into exact counts, each event once.

Consumes `events.anonymized.v1` in the group `lagesbild.aggregator`, and `statistics.reported.v1`
in the group `lagesbild.aggregator.statistics`.
Writes   schema `counting`: events, cells per minute, hour and Stockholm day, statistics with every
version of them, offsets, dead letters.

* It must write offset, events, corrections, withdrawals and cells in one transaction, or nothing.
* It must fence: a transaction whose epoch is not the newest claim of its partition writes nothing.
* It must count the highest version of an event, of equal versions one that is linked before
  one that is not, and otherwise the first in the log; a
  withdrawn event stays known, so that a stale copy cannot bring it back.
* It must demand contiguous offsets: a gap in the log is an alarm and a new seek, never skipped.
* It must put a record that can never be counted into `counting.dead_letter`, in the same
  transaction as its offset, and go on.
* It must keep every version of a statistic; of each key the highest holds, of equal ones the first
  in the log, whatever the order and the batches.
* It should retry for ever while PostgreSQL or Kafka is away, without holding up the group.

Windows are sums of cells at the moment of reading (`shared.windows`), so they shrink by the clock
with no work here. Source: DESIGN §5 "Aggregator", decision 0004.
"""
