"""Run the command line: ``python -m skillroute``."""

from skillroute.cli import main

if __name__ == "__main__":
    main()
