"""`python -m fieldkit`."""

from fieldkit.app.cli import main

if __name__ == "__main__":
    main()
