"""A registration device that speaks the Secure Biometric Interface."""
