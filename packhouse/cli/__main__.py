"""`python -m packhouse.cli`: the command line under the interpreter that is at hand."""

from packhouse.cli import main

main(prog_name="packhouse")
