"""The database: numbered migrations as the owner role, and the registry filled from packs.

Migrations go forward only, one transaction each, remembered with their SHA-256: a migration that
was applied must never change. Services have DML only and check the version when they start.
"""
