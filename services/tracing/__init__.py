"""`lagesbild trace`: one report taken through every stage, for a privacy officer to watch.

It belongs to the command line, which alone may know several services, and it runs the product's own
code; only what stands between the stages is its own. There is no server, no topic and no database in
it, and nothing is stored or logged (an import contract holds that).

command    the command: options in, exit code out
reading    a file becomes one row
walk       the stages in their order: the table of contents
stage      what is told of a stage
given      1   the fields that came in, and what each of them can hold
taken      2   what ingest makes of them, or every error
sealing    3   sealed and opened with a key pair that is thrown away
anonymized 4–7 read, located, coarsened, looked at
linking    8   what is remembered to find the same incident
leaving    9   the event on the wire
fates      9   which given values leave as they are, coarser, or not at all
leaks      9   whether anything of the report is in it
counted    10  windows and audiences
writing    the stages as text for a terminal, or as JSON
"""
