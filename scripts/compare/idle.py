"""Sessions that are logged in and say nothing, until standard input ends.

usage: idle.py PORT USER:PASSWORD COUNT; for each line read, prints the milliseconds of a new login.
"""

import sys
import time

from ftp_session import Session


def main():
    port, login, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sessions = [Session(port, login) for _ in range(count)]
    print("ready", len(sessions), flush=True)
    for _ in sys.stdin:
        started = time.monotonic()
        session = Session(port, login)
        print((time.monotonic() - started) * 1000, flush=True)
        session.quit()


main()
