"""What the answer does not say: its price, and what OpenRouter knows. It imports providers, record, `_delivery`, `_process` and `errors`."""
