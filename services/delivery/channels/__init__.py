"""The ways by which a view leaves the house."""
