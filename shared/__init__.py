"""Contracts and plumbing that the four services share; knows no service.

Contracts: `topics`, `messages`, `pack`, `windows`, `identity`, `api_keys`.
Plumbing: `kafka`, `postgres`, `sealing`, `http`, `logging`, `metrics`, `retry`, `settings`.
"""
