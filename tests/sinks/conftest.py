"""A user's process that traces to the embedded server, as in the attachment tests."""

from tests.attachment.conftest import more_environment, server, traced

__all__ = ["more_environment", "server", "traced"]
