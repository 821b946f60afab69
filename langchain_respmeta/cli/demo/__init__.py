"""The demo: the real integrations, answered by a replay server. `langchain_respmeta.demo` is its public face."""
