"""Property tests run without a deadline: four cores are shared, and a slow example is no wrong answer."""

from hypothesis import settings

settings.register_profile("titan", deadline=None)
settings.load_profile("titan")
