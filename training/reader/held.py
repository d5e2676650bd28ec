"""The gold files whose dev part the second reader does not learn from: there its settings are chosen."""

HELD = "PQRSUV"
