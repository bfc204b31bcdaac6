"""Which reports describe the same incident, decided before the place is dropped (decision 0026).

rules      what a pack says of linking: families, compatible ones, classes
cells      where and when a report is, as coarsely as a token knows it
tokens     cells sealed with the key of a day, and opened again; all of a batch in one call
nearby     the reports of the last 24 hours that are near the ones of a batch
posterior  how likely two near reports are one incident
marks      what is remembered of a report for 24 hours; incidents, and the contribution bound
linker     decides, one report after the other; the only place where a decision is made
"""
