"""A server for the traces of the pages' examples."""

from tests.attachment.conftest import more_environment, server, traced

__all__ = ["more_environment", "server", "traced"]
