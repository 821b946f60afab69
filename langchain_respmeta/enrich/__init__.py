"""What an answer does not say: its price, and what OpenRouter knows of it.

It imports `providers`, `_delivery`, `record`, `_process` and `errors`.
"""
