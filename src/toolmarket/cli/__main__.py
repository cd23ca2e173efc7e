"""`python -m toolmarket.cli`: how the product starts its own processes."""

from toolmarket.cli.main import main

main()
