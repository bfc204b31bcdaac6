"""The HTTP side of ingest.

`keys` says who asks, `reports` and `indicators` are what is asked, `answers` how a refusal looks,
`contract` what the OpenAPI document says; `reception` is what they all work with.
"""
