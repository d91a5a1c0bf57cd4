"""Many FTP sessions at once; prints how many seconds all of it took, logins included.

usage: load.py PORT USER:PASSWORD --sessions N [--processes P] [--save DIR] COMMAND NAME...

COMMAND is RETR, STOR (from --save DIR), LIST, MLSD or LOGIN. The names are spread over the sessions.
"""

import argparse
import os
import sys
import threading
import time

from ftp_session import Session


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("login")
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--save")
    parser.add_argument("--names", help="a pattern for range(COUNT)")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("command")
    return parser.parse_args()


def transfer(session, options, name):
    if options.command == "STOR":
        with open(os.path.join(options.save, name), "rb") as file:
            session.store(name, file.read())
    elif options.save is None:
        session.fetch("%s %s" % (options.command, name), lambda piece: None)
    else:
        with open(os.path.join(options.save, name), "wb") as file:
            session.fetch("%s %s" % (options.command, name), file.write)


def run_session(options, names):
    if options.command == "LOGIN":
        for _ in names:
            Session(options.port, options.login).quit()
        return
    session = Session(options.port, options.login)
    session.command("TYPE I", 200)
    for name in names:
        transfer(session, options, name)
    session.quit()


def run_threads(options, shares):
    failures = []

    def guarded(names):
        try:
            run_session(options, names)
        except Exception as error:  # whatever it is, the run does not count
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(names,)) for names in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures[:3]:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def main():
    options = arguments()
    names = [options.names.replace("{}", str(number)) for number in range(options.count)]
    shares = [names[start :: options.sessions] for start in range(options.sessions)]
    children = []
    started = time.monotonic()
    for start in range(options.processes):
        child = os.fork()
        if child == 0:
            os._exit(run_threads(options, shares[start :: options.processes]))
        children.append(child)
    failed = any([os.waitpid(child, 0)[1] != 0 for child in children])
    print(time.monotonic() - started)
    sys.exit(1 if failed else 0)


main()
