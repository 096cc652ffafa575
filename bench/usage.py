#!/usr/bin/env python3
"""Runs a command and says what it cost: CPU seconds of it and all its descendants, and their peak memory.

usage: usage.py REPORT COMMAND [ARGUMENT...]      writes REPORT as JSON; ends with the command's exit code

Orphans come back to this process (PR_SET_CHILD_SUBREAPER), so that programs which outlive their parent are counted as well.
CPU is the kernel's own account (getrusage), exact; memory is the sum of the resident sets, looked at four times a second,
in which shared pages count once for each process.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
INTERVAL = 0.25
# How long orphans may take to end once the command has.
GRACE = 10.0
PAGE = resource.getpagesize()


def parents() -> dict[int, int]:
    """Parent of every process."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    found[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                pass
    return found


def descendants(of: int) -> list[int]:
    """Pids of all processes below one."""
    children: dict[int, list[int]] = {}
    for pid, parent in parents().items():
        children.setdefault(parent, []).append(pid)
    found, todo = [], [of]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def resident(pids: list[int]) -> int:
    """Bytes that these processes have in memory."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/statm", "rb") as file:
                total += int(file.read().split()[1]) * PAGE
        except (OSError, IndexError, ValueError):
            pass
    return total


def main() -> int:
    report, *command = sys.argv[1:]
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    peak, ended = [0], threading.Event()

    def watch() -> None:
        while not ended.wait(INTERVAL):
            peak[0] = max(peak[0], resident(descendants(os.getpid())))

    started = time.time()
    child = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _frame: child.send_signal(got))
    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    seconds = time.time() - started
    reap_orphans()
    ended.set()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(report, "w", encoding="utf-8") as file:
        # ru_maxrss is in KiB; a command that is over before the first look still has the size of its largest process.
        memory = max(peak[0], used.ru_maxrss * 1024)
        json.dump({"seconds": seconds, "cpuSeconds": used.ru_utime + used.ru_stime, "peakBytes": memory}, file)
    return code if code >= 0 else 128 - code


def reap_orphans() -> None:
    """Waits for what the command has left behind, so that it is counted."""
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)
        except ChildProcessError:
            return


if __name__ == "__main__":
    sys.exit(main())
