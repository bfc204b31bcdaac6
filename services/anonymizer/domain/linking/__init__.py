"""Which reports describe the same incident, decided before the place is dropped (decision 0026).

rules      what a pack says of linking: families, compatible ones, classes
cells      where and when a report is, as coarsely as a token knows it
tokens     cells sealed with the key of a day, and opened again; all of a batch in one call
nearby     the reports of the last 24 hours that are near the ones of a batch
posterior  how likely two near reports are one incident
mark       one report as it is remembered for 24 hours
incidents  those of which a report is remembered, and which take one more
marks      all that is remembered of a municipality, and the contribution bound
near       of what is near a report, the one that most likely describes the same incident
decisions  what a linker is told of reports, and what it answers
deciding   decides, one report after the other; the only place where a decision is made
linker     a municipality's incidents: what is decided here, and what is heard of others
"""
