"""`lagesbild backup` and `lagesbild restore`: the database, checked against the log (decision 0020).

A backup is a folder: PostgreSQL's own dump of one snapshot, and a manifest that says of what. The
log is not in it: what was counted after the backup is counted again from there.
"""
