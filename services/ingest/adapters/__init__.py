"""An actor's own form of delivery becomes the rows that `POST /v1/reports` takes.

What differs between actors stands in their agreements; these modules know only kinds of form: a
sheet of Excel, the police's event feed. A row leaves here as a plain object, and then meets the
same checks as any other report.
"""
