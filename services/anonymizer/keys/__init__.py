"""The anonymizer's keys: made, kept encrypted, announced, retired, destroyed (decision 0022).

`folder` keeps them, one folder for all instances; `life` moves each from one state to the next, with
`making`, `words` (what Kafka has been told), `waits` (what must have gone by) and `rounds` (whose turn it
is); `reports_log` and `announcer` are what it asks of Kafka; `shown` tells people about them.
"""
