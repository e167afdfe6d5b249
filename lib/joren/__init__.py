"""Joren (常連): the open workbench for customer value."""

__version__ = "0.1.0"
