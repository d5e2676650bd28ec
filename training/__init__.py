"""Training of the committed models: run by hand or `make train-*`, never at run time."""
