"""`lagesbild bench`: how fast the whole way is on this machine, and what each stage alone can do.

- It must start a stack of its own, in a folder of its own, and leave nothing running or lying.
- A stage alone must be the real program, with the other services not running: ingest is given
  reports over HTTP, the anonymizer and the aggregator find their topic filled and are timed until
  their last effect is visible outside of them.
- The whole way must be timed until the last accepted report is counted, not until it is accepted.
- Every accepted report must be counted, or the exit code is 1. Missed budgets do not change it.
- The raw copy beside it has the same client, settings, broker, bytes and batches, and does no work.
- What is posted is made before the clock starts; what the generator costs all the same is shown.
"""
