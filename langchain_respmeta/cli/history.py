"""The commands for old runs: `pull`, `normalize`, `feedback`. Each calls a plain function of `history`."""
