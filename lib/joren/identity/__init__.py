"""One person, one ID: guarded exact rules, stable IDs, history.

records → identifiers → rules → clustering → stable_ids → golden, put together in `link`. Each
hands the next a table; a further tier of edges goes between rules and clustering.
"""
