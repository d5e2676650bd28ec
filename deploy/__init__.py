"""The engines by pip (Kafka, Elasticsearch) and the supervisor that keeps them and our own processes running.

Start with :mod:`deploy.supervisor` (``up``, ``down``, ``status``) or, in a test, with :mod:`deploy.testing`.
"""
