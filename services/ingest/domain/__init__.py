"""The rules of ingest: bytes in, reports and errors out. No IO, no clock, no environment.

Read in the order of the data: `rows` cuts the bytes, `parse` reads one row's JSON, `given` is the
shape of a report as an actor gives it, `validate` makes the report or its errors, `receipt` keeps
what the sender is told. `errors` has every reason in both languages.
"""
