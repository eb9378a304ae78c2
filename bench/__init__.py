"""How fast, how complete, and against whom: a seeded load, the peers, and a run that checks its own answers."""
