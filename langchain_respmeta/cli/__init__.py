"""What a person starts: commands, the doctor, the demo. It imports every room."""
