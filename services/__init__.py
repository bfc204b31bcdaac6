"""The pipeline, one line per stage; a reader who opens the folders in this order has seen it all.

ingest       actors' reports in over HTTP, checked, sealed        -> reports.sealed.v1
anonymizer   opened in memory, located, stripped of all identity  -> events.anonymized.v1
aggregator   each event counted exactly once                      -> PostgreSQL `counting`
delivery     views cut per actor, answered and pushed             -> actors
"""
