"""Training of the spelling reader (processors/spelling); ``make train-spelling`` brings torch and onnx for the run."""
