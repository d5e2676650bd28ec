"""Training of the wording model (docs/judgement/wording.md): ``python -m training.wording``."""
