"""One module per system that clients export from, each mostly data.

A format module has `inputs(entry, source, folder) -> list[TableInput]`: given an entry of
`sources`, which files hold which canonical table and how their columns map. Reading, parsing,
quarantine and reconciliation are shared and know no system.
"""
