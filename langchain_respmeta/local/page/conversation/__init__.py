"""Inputs and outputs of any run as a conversation: messages, their parts, what no reader knows as JSON."""
