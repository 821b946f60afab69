"""What happens between the model calls of an agent: tools, people, state, compression, parsing, further attempts.

The handler calls `callbacks`. `graph_places` knows the chains and nodes around a run, `tool_call_table` joins tool runs to the
calls that asked for them, `human_in_the_loop` reads interrupts and their answers, and `call_notes` keeps what is found out
beyond a call's own record. It imports `_runs`, `_reading`, `providers`, `record` and `_process`.
"""
