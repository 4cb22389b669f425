"""Serves the single-page application that `frontend/react_app` builds."""
