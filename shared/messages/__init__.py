"""What may be on a topic, one message per module.

This package re-exports nothing on purpose: an import of `shared.messages.report` is visible to
the import rules, and aggregator and delivery may not have one (DESIGN §9).
"""
