"""What a person is told: inbox, mail, webhooks and their preferences. Not the event stream itself
(events).
"""
