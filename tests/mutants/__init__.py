"""Guards that a test holds: each is taken away in a copy of the checkout, and the tests named for it must then fail.

    python -m tests.mutants                 # all of them, some minutes
    python -m tests.mutants outbox secret   # those whose file or description holds one of the words

For developers; `make test` only checks that every entry of the table still finds its place (`test_table.py`).
"""
