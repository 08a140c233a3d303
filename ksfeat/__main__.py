"""`python -m ksfeat`: the command line."""

from ksfeat.cli.main import main

if __name__ == "__main__":
    main()
