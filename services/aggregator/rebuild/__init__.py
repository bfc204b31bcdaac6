"""`lagesbild rebuild`: the counts made anew from the log, beside the live ones (decision 0018).

A generation are the tables of `domain.generation`. The next one is counted in a schema of its own by
the code that counts the live one, compared with it, and put in its place in one transaction while
running aggregators wait for a moment. Whatever kills the rebuild before that transaction commits
leaves the live generation untouched; the next rebuild clears what was left.
"""
