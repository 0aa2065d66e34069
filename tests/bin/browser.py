"""browser: a headless Chromium, for tests of pages, as a module: Browser() starts one with a profile of its
own that is gone afterwards; page() opens a tab in which a test looks and clicks as a person would.

Speaks the DevTools protocol over a pipe (--remote-debugging-pipe: JSON, ended by NUL), so it needs no port and
no package. Everything waits for something, never for a time: what does not come in 20 seconds
(times INETD_PATIENCE) is an error.
"""
import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time

SECONDS = 20 * int(os.environ.get("INETD_PATIENCE", "1"))


class Browser:
    """A process, and the conversation with it."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="browser.")
        to_browser, self.write_fd = os.pipe()
        self.read_fd, from_browser = os.pipe()
        self.held, self.last_id, self.events = b"", 0, []
        # The browser wants the pipe as descriptors 3 and 4.
        command = ["sh", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "sh",
                   "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--no-first-run", "--disable-background-networking", "--disable-component-update",
                   "--no-proxy-server", "--hide-scrollbars", "--remote-debugging-pipe",
                   f"--user-data-dir={self.profile}", "about:blank"]
        environment = dict(os.environ, HOME=self.profile, XDG_CONFIG_HOME=self.profile,
                           XDG_CACHE_HOME=self.profile, DBUS_SESSION_BUS_ADDRESS="disabled:")
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            command, pass_fds=(to_browser, from_browser), env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)

    def __enter__(self):
        return self

    def __exit__(self, *_what):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def read_message(self, end):
        """The next thing the browser says."""
        while b"\0" not in self.held:
            if not select.select([self.read_fd], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser says nothing")
            data = os.read(self.read_fd, 1 << 20)
            if not data:
                raise EOFError("the browser has ended")
            self.held += data
        message, self.held = self.held.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        """A method of the protocol; returns its result. What happens meanwhile is kept in events."""
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.write_fd, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + SECONDS
        while True:
            answer = self.read_message(end)
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def listen(self, seconds):
        """Takes what happens in that time."""
        end = time.monotonic() + seconds
        try:
            while True:
                self.events.append(self.read_message(end))
        except TimeoutError:
            pass

    def page(self, width=1280, height=900):
        """A new tab."""
        target = self.call("Target.createTarget", url="about:blank")
        session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        return Page(self, session["sessionId"], width, height)


class Page:
    """A tab. Requests and complaints of its pages are kept."""

    def __init__(self, browser, session, width, height):
        self.browser, self.session = browser, session
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)

    def call(self, method, **parameters):
        """A method of the protocol, for this tab."""
        return self.browser.call(method, self.session, **parameters)

    def open(self, url):
        """Goes there and waits until the page is whole."""
        seen = self.count("Page.loadEventFired")
        result = self.call("Page.navigate", url=url)
        if "errorText" in result:
            raise RuntimeError(f"{url}: {result['errorText']}")
        self.wait(lambda: self.count("Page.loadEventFired") > seen, "a page")

    def value(self, expression):
        """What a JavaScript expression is, as the console would say."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, condition, what):
        """Until a function, or an expression in the page (which may be on its way to the next), is true."""
        end = time.monotonic() + SECONDS
        while True:
            try:
                if self.value(condition) if isinstance(condition, str) else condition():
                    return
            except RuntimeError as error:
                if "navigated" not in str(error) and "context" not in str(error):
                    raise
            if time.monotonic() > end:
                raise TimeoutError(f"no {what}")
            self.browser.listen(0.02)

    def happened(self, method):
        """What came with each event of that name."""
        return [event["params"] for event in self.browser.events
                if event["method"] == method and event.get("sessionId") == self.session]

    def count(self, method):
        """How many there were."""
        return len(self.happened(method))

    def requests(self):
        """The addresses of everything the pages have asked for."""
        return [one["request"]["url"] for one in self.happened("Network.requestWillBeSent")]

    def complaints(self):
        """What the browser has found wrong: errors, warnings, violations of the policy."""
        found = [one["entry"]["text"] for one in self.happened("Log.entryAdded")]
        found += [one["issue"]["code"] for one in self.happened("Audits.issueAdded")]
        found += [one["exceptionDetails"]["text"] for one in self.happened("Runtime.exceptionThrown")]
        return found

    def picture(self, path, whole=True):
        """Saves how it looks."""
        data = self.call("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(data))
