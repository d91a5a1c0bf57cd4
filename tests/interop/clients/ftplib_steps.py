"""Does the steps of a test with Python's ftplib: {host, port, user, password, mode, steps} on standard input."""

import ftplib
import json
import os
import sys

sys.stdout.reconfigure(encoding="utf-8")
session = json.load(sys.stdin)
ftp = ftplib.FTP(timeout=60)
ftp.set_debuglevel(1)
ftp.connect(session["host"], session["port"])
ftp.login(session["user"], session["password"])
ftp.set_pasv(session["mode"] in ("PASV", "EPSV"))


def get(step, rest=None):
    with open(step["local"], "wb" if rest is None else "ab") as file:
        ftp.retrbinary("RETR " + step["remote"], file.write, 1 << 20, rest)


for step in session["steps"]:
    match step["do"]:
        case "list":
            ftp.dir()
        case "get":
            get(step)
        case "resume":
            get(step, os.path.getsize(step["local"]))
        case "put":
            with open(step["local"], "rb") as file:
                ftp.storbinary("STOR " + step["remote"], file, 1 << 20)
        case "rename":
            ftp.rename(step["from"], step["to"])
        case "delete":
            ftp.delete(step["name"])
        case "mkdir":
            ftp.mkd(step["name"])
        case "rmdir":
            ftp.rmd(step["name"])
ftp.quit()
