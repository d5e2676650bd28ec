"""Training of tone and theme of public opinion."""
