"""The pure halves of the Cloud API driver: webhooks in, requests out, errors told apart."""
