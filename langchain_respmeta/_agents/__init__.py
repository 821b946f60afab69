"""What happens between the model calls of an agent: tools, people, state, compression, parsing, further attempts.

`watch` is what the handler calls. `graph_places` knows where a run stands, `tool_call_table` joins tool runs to the calls
that asked for them, `human_in_the_loop` reads interrupts and their answers, and `call_notes` keeps what was found next to a
call's own record. It imports `_runs`, `_reading`, `providers`, `record` and `_process`.
"""
