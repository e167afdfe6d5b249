"""Points as money owed: every lot reconstructed exactly from the entries of a ledger."""
