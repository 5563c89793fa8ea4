"""Pictures, one module a topic.

Every function takes the thing to draw and ``ax=None`` and returns the Axes that it drew on.
None of them sets a style, shows or saves.
"""
