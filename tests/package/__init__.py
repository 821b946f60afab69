"""The wheel and the sdist as a user gets them: built, installed in bare environments, tried."""
