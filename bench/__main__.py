"""`python -m bench`: complete packaging over HTTP, beside bare PostgreSQL. See bench/README.md."""

from bench.complete_packaging import main

main()
