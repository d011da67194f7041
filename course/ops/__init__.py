"""The operations on tensors: forward and derivative side by side, one file a family."""
