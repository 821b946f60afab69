"""One model call from its start to its end. It imports enrich, `_reading`, providers, record and `_process`."""
