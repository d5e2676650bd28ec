"""Media feeds: fetch, parse, adapt, send, and only then move the cursor."""
