"""What all tests of the demo rely on."""

import httpx

for part in ("connect", "read", "write", "pool"):  # a busy machine is no fault
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, part, 120.0)
