"""`python -m joren` is the command line."""

from joren.cli import main

main()
