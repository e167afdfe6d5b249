"""Synthetic retailers with their answer key."""
