"""What `respmeta doctor` looks at: one file for each kind of thing."""
