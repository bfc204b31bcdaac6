"""Delivery: from exact counts to the view that each actor is cleared for, asked for or pushed.

Consumes: cells and statistics of the counting schema through row-level security, registry keys
and clearances.
Produces: answers of `/v1/counts`, `/v1/series`, `/v1/statistics` and `/v1/areas`, signed webhooks,
entries of the audit chain.

It must show an actor only indicators that the actor is cleared for at that level; every other
code stands in `withheld`, whether or not anything was counted (G6).
It must sum statistics as numerators and denominators, never as shares, and never count an area
twice; what nobody reported has no value and is named as missing.
It must tell a step of a series that is no longer kept, or has not begun, apart from one in which
nothing happened.
It must send nothing for a subscription that the data owner has not approved, or that has ended.
It must store the bytes of a delivery before the first attempt and send the same bytes with the
same id on every attempt, also after a crash and from another instance (G5).
It must send each due time's view once, in order per subscription, with one request in flight; a
due time that was missed is folded into a later view and counted as coalesced.
It must not connect to an address outside the public internet, unless the pack names its network.
It must append every query, request, decision and delivery to the audit chain, in the same
transaction as what it tells of.
It should start a due delivery within a second, whatever other receivers do.
"""
