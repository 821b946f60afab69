"""What happens between the model calls of an agent: tools, people, state, compression, parsing, further attempts.

`watch` is what the handler calls. `places` knows where a run stands, `calls` joins tool runs to the calls that asked for
them, `people` reads interrupts and their answers, and `beside` puts what was found next to a call's own record.
"""
