"""What a process has once, and every room may use: the state, the fault boundary, late imports, the order of exits and forks.

It imports `errors`.
"""
