"""A server that the pages' examples trace to."""

from tests.attachment.conftest import server

__all__ = ["server"]
