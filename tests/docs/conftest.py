"""A server for the traces of the pages' examples."""

from tests.attachment.conftest import server

__all__ = ["server"]
