"""Fast equals general, key for key: `python -m tests.speed --mutants 100000`.

`case.py` is an answer that can be made anew, `seeds.py` and `recorded.py` say which there are, `changes/` and `mutate.py`
change them so that a compiled reader could be fooled, `compare.py` finds what differs, and `gate.py` reads both ways.
"""
