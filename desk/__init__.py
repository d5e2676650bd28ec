"""What people use in a browser, and the REST API."""
