"""The command line from a checkout: ``python cli.py fit DATA`` is ``ksfeat fit DATA``."""

from ksfeat.cli.main import main

if __name__ == "__main__":
    main()
