"""Statistics that several stages share: posteriors and how they are sampled; it knows no stage."""
