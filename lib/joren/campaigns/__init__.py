"""Campaigns: their plans, who was in which arm, what came of it, and how sure that is."""
