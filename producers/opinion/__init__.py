"""Public posts from declared sites: polite, masked before Kafka, silent rather than doubtful."""
