"""Ingest: actors' reports in over HTTP, checked, sealed and kept by Kafka before they are answered.

Consumes: `POST /v1/reports` and `POST /v1/statistics`, one object, an array or NDJSON, and
`POST /v1/deliveries`, an Excel file that the actor's agreement explains, from actors with a key.
Produces: `reports.sealed.v1`, key and partition by event id, timestamp = when it was received;
`statistics.reported.v1`, in the clear, key (municipality, actor, indicator, area, period).

* A report must be in Kafka (`acks=all`) before its sender reads 202; a broker that is away must
  give 503 within 5 s. A request that is not answered with 202 may have left some of its reports
  in Kafka (at least once): sending everything again must change nothing, for ids are the same.
* A report must be sealed to a key that the anonymizer has announced and that still holds; without one,
  and while a report has waited for 12 h, none may be accepted (503; decision 0022).
* An actor must be able to ask which of its accepted reports were lost (`GET /v1/reports/lost`).
* Every refused row must be named with all its errors; the other rows must not suffer for it.
* No value of a report, nor a name of a field that is not ours, may leave except sealed; no value
  of a statistic may leave except to its topic.
* A report of what happened longer ago than the horizon must be refused before the 202, unless the
  key is for history; the limit itself is within (decision 0015).
* A withdrawal must carry its id and version alone, whatever else was sent with it.
* Memory must stay bounded whatever is sent: 429 when too much waits for Kafka, 413 over 50 MB.
* A row of NDJSON is a line that is not blank; of an array an element. Rows are counted from 0.
  Rows of a file have the numbers that Excel shows. A file must stay in memory.
  In a broken array the rows before the break stand, and the break is a refused row of its own.
"""
