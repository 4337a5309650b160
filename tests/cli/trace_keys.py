#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""wheredrop trace --from --speed on a terminal: the keys, and that the terminal gets back how it was. Needs no root: the
recording is written here, a packet each tenth of a second. Prints TAP."""

import fcntl
import json
import os
import pathlib
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

sys.path.insert(0, "tests")
from tap import ok, plan  # noqa: E402

PACKETS = 60
STEP_NS = 100_000_000
START_NS = 5_000_000_000_000
WALL_NS = 1_700_000_000_000_000_000
wheredrop = os.environ["WHEREDROP"]


def packet(number: int) -> dict:
    return {
        "time_ns": START_NS + number * STEP_NS,
        "drop": 3,
        "device": "lo",
        "ifindex": 1,
        "bytes": 11,
        "segments": 1,
        "headers": "whole",
        "layers": ["IPv4", "UDP"],
        "packet": {"ethertype": 2048, "family": "ipv4", "source": "192.0.2.1", "destination": "192.0.2.2",
                   "protocol": 17, "ports": [1000 + number, 9], "ttl": 64},
    }


def snapshot(number: int) -> str:
    at = {
        "time_ns": START_NS + number * STEP_NS + 1,
        "wall_ns": WALL_NS + number * STEP_NS + 1,
        "readings": [[1, 0, 1], [2]] if number else [[1], [2]],
        "coverage": [0, 0, 0, 1],
        "events": [packet(number)] if number else [],
    }
    return json.dumps(at) + "\n"


BEGIN = (
    {"registry": {"home": "0x7", "all_known": True}},
    {"objects": [
        {"id": 0, "kind": "host", "netns_key": "0x0", "a": "0x0", "b": "0x0", "labels": {}},
        {"id": 1, "kind": "namespace", "netns_key": "0x7", "a": "0x0", "b": "0x0", "netns": 1, "labels": {}},
        {"id": 3, "kind": "drop", "netns_key": "0x7", "a": "0xff", "b": "0x1", "netns": 1,
         "labels": {"reason": "NO_SOCKET", "place": "__udp4_lib_rcv", "way": "arriving"}},
    ]},
    {"counters": [{"id": 1, "source": "drop-events", "name": "drop.skbs"},
                  {"id": 2, "source": "drop-events", "name": "drop.missed"}]},
    {"shape": [1, 3]},
    {"shape": [2, 0]},
)


def recording(directory: pathlib.Path) -> str:
    manifest = {"format": "wheredrop bundle", "version": 1, "tool": "1", "host": {}, "asked": {"netns_inode": "0x0"},
                "sources": ["drop-events"]}
    names = ["manifest.json"]
    (directory / names[0]).write_text(json.dumps(manifest))
    (directory / "window-1").mkdir()
    for number in range(PACKETS + 1):
        names.append(f"window-1/{number + 1:06}.jsonl")
        head = "".join(json.dumps(line) + "\n" for line in BEGIN) if not number else ""
        (directory / names[-1]).write_text(head + snapshot(number))
    names.append("end.json")
    (directory / names[-1]).write_text('{"ended":"time"}')
    path = str(directory / "made.wdb")
    subprocess.run(["tar", "--zstd", "-C", str(directory), "-cf", path, *names], check=True)
    return path


class Terminal:
    """The program on a terminal of its own, in a foreground group that can be suspended and continued."""

    def __init__(self, *arguments: str) -> None:
        self.shown = ""
        self.statuses, tell = os.pipe()
        self.shell, self.master = pty.fork()
        if not self.shell:
            self.run(tell, arguments)
        os.close(tell)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.program = int(self.told())

    @staticmethod
    def run(tell: int, arguments: tuple[str, ...]) -> None:
        """As a shell does: what became of the program is told by the pipe, a line each time."""
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        program = os.fork()
        if not program:
            os.setpgid(0, 0)
            os.tcsetpgrp(0, os.getpid())
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.execv(wheredrop, [wheredrop, "trace", *arguments])
        os.write(tell, f"{program}\n".encode())
        while True:
            _, status = os.waitpid(program, os.WUNTRACED)
            words = ("stopped" if os.WIFSTOPPED(status) else
                     f"killed {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else
                     f"ended {os.WEXITSTATUS(status)}")
            os.write(tell, f"{words}\n".encode())
            if not os.WIFSTOPPED(status):
                time.sleep(1)  # the terminal lives as long as its leader
                os._exit(0)

    def told(self) -> str:
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.statuses, self.master], [], [], 10)
            if self.master in ready:
                self.read()
            if self.statuses in ready:
                byte = os.read(self.statuses, 1)
                if not byte:
                    break
                line += byte
            if not ready:
                break
        return line.decode().strip()

    def read(self) -> None:
        try:
            self.shown += os.read(self.master, 65536).decode(errors="replace")
        except OSError:
            pass

    def settle(self, seconds: float = 0.35) -> int:
        """Reads on until nothing came for so long, ten times as long at most; the lines there are by then."""
        for _ in range(10):
            ready, _, _ = select.select([self.master], [], [], seconds)
            if not ready:
                break
            self.read()
        return self.lines()

    def until(self, words: str) -> bool:
        deadline = time.monotonic() + 10
        while words not in self.shown and time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.1)[0]:
                self.read()
        return words in self.shown

    def lines(self) -> int:
        return self.shown.count("> 192.0.2.2:9 UDP")

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def is_raw(self) -> bool:
        return not termios.tcgetattr(self.master)[3] & termios.ICANON

    def close(self) -> None:
        os.close(self.master)
        os.close(self.statuses)
        os.waitpid(self.shell, 0)


def keys(path: str) -> None:
    terminal = Terminal("--from", path, "--speed", "1", "--color", "never")
    ok("lines come one by one", terminal.until("> 192.0.2.2:9") and terminal.lines() < PACKETS / 2, terminal.shown)
    ok("while keys are single ones", terminal.is_raw())
    terminal.press(" ")
    ok("space pauses", terminal.until("paused at "), terminal.shown)
    count = terminal.settle()
    ok("then nothing comes", terminal.settle(1) == count and count < PACKETS, terminal.shown)
    for name, key in (("s", "s"), ("Enter", "\r"), ("the arrow to the right", "\033[C")):
        terminal.press(key)
        ok(f"{name} shows the next line and no other", terminal.settle() == count + 1, terminal.shown)
        count = terminal.lines()
    terminal.press("x\033[A")
    ok("other keys do nothing", terminal.settle() == count, terminal.shown)
    terminal.press(" ")
    ok("space goes on", terminal.until("1 times as fast") and terminal.until(f":{1000 + count + 2} >"), terminal.shown)
    terminal.press("+")
    ok("+ is twice as fast", terminal.until("2 times as fast"), terminal.shown)
    terminal.press("--")
    ok("- is half as fast", terminal.until("0.5 times as fast"), terminal.shown)
    terminal.press("q")
    ok("q ends it", terminal.told() == "ended 0", terminal.shown)
    count = terminal.settle()
    ok("with the totals so far", f"{count} packets dropped in" in terminal.shown and "Up to here" in terminal.shown
       and count < PACKETS, terminal.shown)
    ok("and the terminal is as it was", not terminal.is_raw())
    terminal.close()


def signals(path: str) -> None:
    terminal = Terminal("--from", path, "--speed", "1", "--color", "never")
    terminal.until("> 192.0.2.2:9")
    terminal.press("\x1a")
    ok("control-Z suspends it", terminal.told() == "stopped", terminal.shown)
    ok("with the terminal as it was", not terminal.is_raw())
    os.kill(terminal.program, signal.SIGCONT)
    terminal.press(" ")
    ok("continued it takes keys again", terminal.until("paused at ") and terminal.is_raw(), terminal.shown)
    terminal.press("\x03")
    ok("control-C ends it with the totals", terminal.told() == "ended 0" and terminal.until("Up to here"), terminal.shown)
    ok("and the terminal is as it was", not terminal.is_raw())
    terminal.close()

    for number in (signal.SIGTERM, signal.SIGQUIT):
        terminal = Terminal("--from", path, "--speed", "1", "--color", "never")
        terminal.until("> 192.0.2.2:9")
        os.kill(terminal.program, number)
        wanted = "ended 0" if number == signal.SIGTERM else f"killed {int(number)}"
        ok(f"{number.name} leaves the terminal as it was", terminal.told() == wanted and not terminal.is_raw(),
           terminal.shown)
        terminal.close()


def pipes(path: str) -> None:
    whole = subprocess.run([wheredrop, "trace", "--from", path, "--json"], capture_output=True, check=False, text=True)
    lines = [json.loads(line) for line in whole.stdout.splitlines()]
    ok("at once all lines come", len(lines) == PACKETS + 1 and lines[-1]["skbs"] == PACKETS, whole.stderr)
    began = time.monotonic()
    paced = subprocess.run([wheredrop, "trace", "--from", path, "--json", "--speed", "10"], capture_output=True,
                           check=False, text=True, stdin=subprocess.DEVNULL)
    took = time.monotonic() - began
    ok("--speed 10 takes a tenth of the time, and the lines are the same",
       paced.stdout == whole.stdout and took >= PACKETS * STEP_NS / 1e10 - 0.05, took)


with tempfile.TemporaryDirectory() as directory:
    made = recording(pathlib.Path(directory))
    pipes(made)
    keys(made)
    signals(made)
plan()
