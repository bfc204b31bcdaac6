"""How far back an actor may report and correct: one setting, `LAGESBILD_HORIZON_DAYS`, of two services."""

HORIZON_DAYS = 400
MOST_HORIZON_DAYS = 3650
