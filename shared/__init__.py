"""Contracts and plumbing that the four services share; knows no service.

Contracts: `topics`, `messages`, `announcements`, `pack`, `windows`, `identity`, `api_keys`.
Plumbing: `kafka`, `postgres`, `sealing`, `root_key`, `http`, `logging`, `metrics`, `retry`, `settings`.
"""
