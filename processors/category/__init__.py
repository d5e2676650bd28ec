"""Categories of information: features, the trained model, the judge."""
