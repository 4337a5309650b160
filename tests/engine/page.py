#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of --html in a browser: three lab scenes, and a text that means harm. Prints TAP.

Chromium shows each page in a narrow and in a wide window: the verdict is there and whole, nothing was asked of the network,
nothing was complained about, the copy buttons work, and the charts say in words what they show.
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from shutil import which

SCENES = ["udp-reader-stopped", "shaper-tbf", "microbursts"]
WIDTHS = [360, 1440]
PAGE_BYTES_MAX = 500_000
WHEREDROP = os.environ["WHEREDROP"]
number = 0


def result(ok, description, *details):
    global number
    number += 1
    print("ok" if ok else "not ok", number, "-", description)
    for detail in [] if ok else details:
        for line in str(detail).splitlines()[:20]:
            print("#", line)


class Browser:
    """Chromium without a window, through its driver."""

    def __init__(self, profile):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        self.driver = subprocess.Popen([which("chromedriver"), f"--port={port}"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        self.wait()
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options,
                  "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = "/session/" + session["sessionId"]

    def wait(self):
        for _ in range(100):
            try:
                self.call("GET", "/status")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise RuntimeError("chromedriver does not answer")

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def ask(self, method, path, body=None):
        return self.call(method, self.session + path, body)

    def run(self, script):
        return self.ask("POST", "/execute/sync", {"script": script, "args": []})

    def resize(self, width):
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.ask("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics})

    def open(self, path):
        self.logs("browser")
        self.logs("performance")
        self.ask("POST", "/url", {"url": path.as_uri()})

    def logs(self, kind):
        return self.ask("POST", "/se/log", {"type": kind})

    def requests(self):
        """What was asked for since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self.logs("performance")]
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def close(self):
        try:
            self.ask("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()


VERDICT = """
const verdict = document.querySelector('#verdict'), box = verdict.getBoundingClientRect();
return {text: verdict.textContent, left: box.left, right: box.right, top: box.top, bottom: box.bottom,
        across: document.documentElement.scrollWidth, width: innerWidth, height: innerHeight,
        scripts: document.querySelectorAll('script').length, bold: document.querySelectorAll('.item img, h1 img').length,
        charts: [...document.querySelectorAll('svg desc')].map(words => words.textContent),
        buttons: [...document.querySelectorAll('.command button')].filter(button => !button.hidden).length};
"""


def look(browser, page, name, sentence, charts):
    for width in WIDTHS:
        browser.resize(width)
        browser.open(page)
        seen = browser.run(VERDICT)
        asked = [url for url in browser.requests() if not url.startswith(("file:", "data:"))]
        complaints = [entry["message"] for entry in browser.logs("browser")]
        visible = seen["left"] >= 0 and seen["right"] <= seen["width"] and seen["top"] >= 0 and seen["bottom"] <= 900
        result(seen["text"] == sentence and visible, f"{name}: the verdict is there and whole at {width} px", seen, sentence)
        result(seen["across"] <= width, f"{name}: nothing sticks out at {width} px", seen["across"])
        result(not asked, f"{name}: nothing is asked of the network at {width} px", asked)
        result(not complaints, f"{name}: no complaint at {width} px", complaints)
        result(seen["scripts"] == 1 and seen["buttons"] > 0, f"{name}: one script, which shows the buttons at {width} px", seen)
        result(len(seen["charts"]) >= charts and all("most" in words for words in seen["charts"]),
               f"{name}: the charts say what they show at {width} px", seen["charts"])


def page_of(evidence, page):
    made = subprocess.run([WHEREDROP, "diagnose", "--from", evidence, "--html", page, "--json"], capture_output=True,
                          check=False, text=True)
    return json.loads(made.stdout)


def scenes(browser, work):
    environment = os.environ | {"LAB_BUNDLES": "1", "LAB_KEEP": str(work), "FAMILIES": "4"}
    subprocess.run(["lab/run", "run", "--once", *SCENES], env=environment, check=False, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    for scene in SCENES:
        bundle, page = work / f"{scene}-4.wdb", work / f"{scene}.html"
        if not bundle.exists():
            result(False, f"{scene}: the scene was recorded")
            continue
        answer = page_of(bundle, page)
        size = page.stat().st_size
        result(size < PAGE_BYTES_MAX, f"{scene}: the page is small", size)
        result(page.stat().st_mode & 0o777 == 0o600, f"{scene}: the page is for its owner alone")
        look(browser, page, scene, answer["verdict"]["summary"], 1)


def harm(browser, work):
    """Names that are markup stay names."""
    ticket, page = work / "harm.txt", work / "harm.html"
    ticket.write_text("$ nstat -az\nUdpRcvbufErrors 900 0.0\nUdpInErrors 900 0.0\n"
                      "<img src=http://192.0.2.1/x onerror=alert(1)> & </pre><script>document.title='no'</script>\n")
    answer = page_of(ticket, page)
    look(browser, page, "hostile text", answer["verdict"]["summary"], 0)
    title = browser.run("return document.title")
    result(title.startswith("wheredrop"), "hostile text: no script of its ran", title)


def main():
    if not which("chromedriver") or not which("chromium"):
        print("1..0 # SKIP chromium and chromium-driver are not installed")
        return 0
    if os.geteuid() != 0:
        print("1..0 # SKIP the lab needs root")
        return 0
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        browser = Browser(work / "profile")
        try:
            scenes(browser, work)
            harm(browser, work)
        finally:
            browser.close()
    print(f"1..{number}")
    return 0


sys.exit(main())
