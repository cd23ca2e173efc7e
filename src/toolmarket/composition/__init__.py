"""Executors, event handlers and jobs, registered once for the web and the job process. No rules."""
