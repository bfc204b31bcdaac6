"""Packs: one folder for each municipality (DESIGN §6); `demo` is synthetic."""
