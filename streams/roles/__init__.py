"""The roles: thin handlers that carry records to pure judgement and its verdicts to topics."""
