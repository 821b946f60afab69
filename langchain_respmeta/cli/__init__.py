"""What a person starts: the commands, the doctor, the demo.

It imports every room.
"""
