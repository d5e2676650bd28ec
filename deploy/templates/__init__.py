"""Index templates of Elasticsearch, one JSON file for each alias; made by ``python -m deploy.templates.generate``."""
