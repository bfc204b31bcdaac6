"""`lagesbild replay`: sends an archive of a feed to a running installation, as its actor would.

* Every event must go through ingest's own HTTP API, with the actor's key; nothing is bypassed.
* A batch must be sent again until it is accepted; the same event never counts twice.
* Types that the agreement does not map must be refused by name, and never guessed.
"""
