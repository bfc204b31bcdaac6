"""Everything around the services: how they are run, shown, measured and given a database.

`embedded` runs all of it on one machine, `demo` shows it, `bench` measures it, `schema` makes the
database, `municipalities` holds the packs. Nothing here is imported by a service.
"""
