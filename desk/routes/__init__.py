"""Routes: HTTP in, services called, HTTP out."""
