"""Parts of the anonymizer alone, for the benches: the same code as in a run."""
