"""Chaos: everything is killed, frozen and restarted under load, and every count must be right.

1. say      rows and events whose truth is known before they are sent     content, load, incidents
2. plan     faults from a seed                                            plan
3. start    servers, and instances that come and go                       place
4. rage     the faults, while the load goes on                            storm, sender, injector
5. look     how far each stage has come, from outside; who writes         watch, recovery, witness
6. compare  every cell with an oracle that knows only what was accepted   oracle, compare

It imports no service: they are started as programs, which the caller may replace by others. That
is how the harness is itself tested (`tests/e2e/test_chaos_notices.py`).
"""
