"""python -m modemd."""

from modemd.cli.main import main

main()
