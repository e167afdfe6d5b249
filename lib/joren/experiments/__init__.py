"""Stage 05: what a campaign really did."""
