"""Kibana objects, generated from code: data views and three dashboards. See :mod:`deploy.kibana.generate`."""
