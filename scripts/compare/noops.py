"""One session that says NOOP again and again until its standard input ends.

usage: noops.py PORT USER:PASSWORD; prints the median and the 99th percentile in milliseconds.
"""

import select
import sys
import time

from ftp_session import Session

PAUSE = 0.002


def main():
    session = Session(int(sys.argv[1]), sys.argv[2])
    print("ready", flush=True)
    times = []
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        started = time.monotonic()
        session.command("NOOP", 200)
        times.append((time.monotonic() - started) * 1000)
    times.sort()
    print(times[len(times) // 2], times[len(times) * 99 // 100])


main()
