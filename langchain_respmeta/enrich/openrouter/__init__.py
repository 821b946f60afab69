"""OpenRouter's generations: asked for, waited for, and read into records."""
