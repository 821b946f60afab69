"""What `respmeta doctor` checks: one file for each kind of check."""
