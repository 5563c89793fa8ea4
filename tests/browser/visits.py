"""A page of the site in a browser, and what goes wrong on it."""


class Visit:
    """A page of the site that is open, and what went wrong on it."""

    def __init__(self, context, address):
        self.page, self.address, self.faults, self.weight = context.new_page(), address, [], 0
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        context.route(lambda url: not url.startswith(address), self._elsewhere)

    def _said(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text}")

    def _failed(self, request):
        if request.failure != "net::ERR_ABORTED":  # the page was left before the answer came
            self.faults.append(f"no answer: {request.url}")

    def _answered(self, response):
        self.weight += int(response.headers.get("content-length", 0))
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")

    def _elsewhere(self, route):
        if not route.request.url.startswith(("data:", "blob:")):
            self.faults.append(f"a request elsewhere: {route.request.url}")
        route.abort()

    def open(self, name):
        """Open a page of the site, and let what it loads unasked come."""
        self.page.goto(self.address + name, wait_until="load")
        self.page.evaluate("document.fonts.ready.then(() => null)")
        self.page.wait_for_timeout(200)
        self.name, self.weight_opened = name, self.weight
        return self.page
