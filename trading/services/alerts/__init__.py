"""Alerts: rules judged when jobs end and once a day, told in the application and through channels."""
