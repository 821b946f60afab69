"""What a process has once, and everything above may use: the fault boundary and late imports. It imports nothing of ours."""
