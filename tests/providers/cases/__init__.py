"""Cases of every provider, in the shapes that their integrations document. Written for this project."""

from tests.providers.cases import anthropic, bedrock, google, openai, others

CASES = tuple(case for module in (openai, anthropic, bedrock, google, others) for case in module.CASES)
