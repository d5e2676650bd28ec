"""The Faust application: thin agents, topic to topic and topic to index."""
