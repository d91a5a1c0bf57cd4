"""Does the steps of a test with Python's ftplib: {host, port, user, password, mode, tls, steps} on standard input."""

import ftplib
import json
import os
import ssl
import sys

sys.stdout.reconfigure(encoding="utf-8")
session = json.load(sys.stdin)


def connection():
    if "tls" not in session:
        return ftplib.FTP(timeout=60)
    context = ssl.create_default_context(cafile=session["tls"]["ca"])
    version = ssl.TLSVersion["TLSv" + session["tls"]["version"].replace(".", "_")]
    context.minimum_version = context.maximum_version = version
    return ftplib.FTP_TLS(context=context, timeout=60)


ftp = connection()
ftp.set_debuglevel(1)
ftp.connect(session["host"], session["port"])
ftp.login(session["user"], session["password"])
if "tls" in session:
    ftp.prot_p()
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
