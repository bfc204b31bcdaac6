"""The demo: one command that shows the whole installation at work and proves it right.

Starts the embedded stack with the demo pack, lets a seeded simulator play the five actors that
report events, receives the pushes of the fire service and the police, and shows it all live.

- What is sent must be invented: persons, numbers and addresses are nobody's.
- The order of work must be the reader's: simulator → senders → (Lägesbild) → receiver → screen.
- The truth must know only what was sent and what ingest accepted. It computes areas, floors and
  windows on its own, and shares no code with the services for them.
- Every accepted report must be counted exactly once, in every tier, and nothing besides.
- Every refused row must be one that was made wrong on purpose, and no wrong one may be accepted.
- Every push must carry a valid signature, keep its order and its body over repeats, and the last
  one must say what the truth says for its instant.
- The exit code is 0 only if all of this holds. Nothing that was started may be left running.
"""
