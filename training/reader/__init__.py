"""Training of the second reader (processors/reader); ``make train-reader`` brings torch and onnx for the run."""
