"""The two locks name the same versions, so that installing the site's leaves the course as it is."""

import re

from places import ROOT


def test_the_locks_agree():
    course, site = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text("utf-8"), re.M))
        for name in ("requirements.txt", "requirements-site.txt")
    )
    assert len(course) > 100
    assert {name: site.get(name) for name in course} == course
