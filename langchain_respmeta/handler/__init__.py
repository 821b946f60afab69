"""`RespMetaHandler`: callbacks in, the pipeline, records and totals, settings. It imports every room but cli and local."""
