"""Many sessions at once with Python's ftplib: HOST PORT USER PASSWORD COUNT.

Each logs in and waits until all are in; then session N downloads "down-N" and uploads it as "up-N".
"""

import ftplib
import sys
import threading

host, port, user, password, count = sys.argv[1:]
all_in = threading.Barrier(int(count), timeout=60)
finished = []


def session(index):
    ftp = ftplib.FTP(timeout=60)
    ftp.connect(host, int(port))
    ftp.login(user, password)
    all_in.wait()
    with open(str(index), "wb") as file:
        ftp.retrbinary(f"RETR down-{index}", file.write)
    with open(str(index), "rb") as file:
        ftp.storbinary(f"STOR up-{index}", file)
    ftp.quit()
    finished.append(index)


threads = [threading.Thread(target=session, args=(index,)) for index in range(int(count))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(finished), "sessions")
