"""The tripwire: patterns of Swedish identifiers, held against what is about to leave.

It is the second line of defence. The first is that an event has no field that could hold an
identifier; the tripwire says when that has failed, and a hit is always a refusal: nothing is ever
cut out of a text and the rest sent on.

What it finds is in `Kind`. What it cannot find: names of people. No rule tells a name from another
word; it takes a list or a language model, and both miss names silently. So no free text leaves.

It is never held against ids and instants: random UUIDs look like one of the patterns in 2.7 % of
cases and bare timestamps in 9.8 % (measured by the research); they are checked by their type.
"""

from shared.tripwire.kinds import NAME_KINDS, Found, Kind
from shared.tripwire.search import found_in, kinds_in_code

__all__ = ["NAME_KINDS", "Found", "Kind", "found_in", "kinds_in_code"]
