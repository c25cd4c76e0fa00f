"""A published model in miniature: configuration, a sibling module, and a model that needs both."""
