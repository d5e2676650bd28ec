"""Training of the model of pairs: which items tell of one event."""
