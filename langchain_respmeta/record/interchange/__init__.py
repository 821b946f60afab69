"""The record beside other libraries' shapes: tables of fields, and what is done with what one side cannot hold."""
