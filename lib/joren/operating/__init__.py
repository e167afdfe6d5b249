"""What an operator does with published runs: send, schedule, compare, roll back, prune, forget."""
