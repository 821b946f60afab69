"""The record in other libraries' shapes: tables of fields, and storage for fields that one side lacks."""
