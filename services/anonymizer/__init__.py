"""Anonymizer: turns sealed reports into events that cannot point at a person.

Consumes `reports.sealed.v1` in the group `lagesbild.anonymizer`.
Produces `events.anonymized.v1` and `reports.dead.v1`, on the same partition number, with the same
         key and the record's own timestamp; its public keys, signed, on `anonymizer.keys.v1`.
Writes   how well reports were located, as counts, into schema `quality`; what it decided of incidents
         into schema `linkage`; lost reports into `intake.lost_report`.
Owns     the key folder, which all instances share.

* It must open reports in memory only, and must never write, log or publish their content.
* It must publish nothing but the fields of an event; codes are members of the pack, instant and area
  are as coarse as the pack says for the indicator's class (decision 0024).
* It must publish no event with a code like an identifier; it is a dead letter then (decision 0023).
* It must place every report: in the area of its coordinates, NYKO code, address, property, object,
  place or road, a point on a border in the lowest code, and otherwise in the rest area with the
  reason; where several answers fit it must not choose (decision 0025).
* It must count once per report, whatever is replayed, how it was located and how sure that is.
* It must do so in the areas that were valid on the Stockholm day of the event's instant, whatever
  is valid now (decision 0016).
* It must be deterministic, so that a replay is harmless: the same record gives the same bytes.
* It must link reports of one incident before it drops their place, and mark what is beyond the
  contribution bound; such a decision is stored before it is published (decisions 0026, 0027).
* It must delete a report's token 24 hours after its receipt, and seal it with a key that is
  destroyed after 48; keys are never in a database.
* It must commit an offset only after Kafka has the events and dead letters of all before it.
* It must send a report that can never succeed on, sealed anew to the key of its day, with a reason
  code.
* It must destroy an hour's private key once all that was sealed to it is processed, never before
  nobody can seal to it any more, and 24 h after its hour whatever waits (decision 0022).
* It must note a report whose key was destroyed, for its actor, before it commits its offset.
* It must stop, not bury everything, when a long run of reports fails: then the key is wrong.
* It should wait while Kafka or PostgreSQL is away, and end loudly when anything else goes wrong.

`domain.anonymize` lists the steps. Source: DESIGN §5 "Anonymizer".
"""
