"""`python -m tokmill` is the command `tokmill`."""

from tokmill.cli import main

if __name__ == "__main__":
    main()
