"""A day at the desk, invented: what a full screen looks like, for browser tests and the pictures in docs."""
