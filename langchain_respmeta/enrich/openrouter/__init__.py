"""Look up OpenRouter's generations, and read them into records."""
