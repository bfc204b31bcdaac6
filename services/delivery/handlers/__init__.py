"""The HTTP interface: each module makes the routes of one subject."""
