"""Checks of what a quasi-experiment assumes: one a file, each with a verdict."""
