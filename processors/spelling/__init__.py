"""The spelling reader: a small network of general Chinese that reads sentences where a slip is suspected (ADR 087)."""
