"""The web process and the slim gateway process. No rules."""
