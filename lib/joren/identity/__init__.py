"""One person, one ID: guarded exact rules, a trained model, stable IDs, history.

records → identifiers → rules → fuzzy → clustering → stable_ids → golden, put together in `link`.
Each hands the next a table.
"""
