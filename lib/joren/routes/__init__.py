"""Stage 03: how customers reach value, and where they leave."""
