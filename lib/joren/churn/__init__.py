"""Subscriptions: when they end, why, and what those still running are worth."""
