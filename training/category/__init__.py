"""Training of the category and emergency models (docs/judgement/category.md)."""
