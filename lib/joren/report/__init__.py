"""Findings, figures and the report a client reads."""
