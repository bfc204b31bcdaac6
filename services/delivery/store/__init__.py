"""PostgreSQL: what delivery reads and writes, every statement in `sql/`."""
