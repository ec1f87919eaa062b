"""Sample quality per modality (NumPy, OpenCV); formats are handed in, never imported."""
