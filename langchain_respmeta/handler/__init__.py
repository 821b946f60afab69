"""`RespMetaHandler`: callbacks in, the pipeline of an ended run, records, sums and settings.

It imports every room but `cli` and `local`.
"""
