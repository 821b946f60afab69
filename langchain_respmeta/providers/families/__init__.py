"""The APIs that several vendors speak, one file each."""
