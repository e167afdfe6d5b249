"""What to do next: whom to contact for what, what it is worth, and what became of it."""
