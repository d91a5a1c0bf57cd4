"""Uploads files in MODE Z and downloads them again: packed and unpacked by Python's own zlib.

Arguments: host, port, user, password, folder to read, folder to write, names.
"""

import ftplib
import pathlib
import sys
import zlib

PIECE = 10_000

host, port, user, password, source, target, *names = sys.argv[1:]
ftp = ftplib.FTP()
ftp.connect(host, int(port), timeout=60)
ftp.login(user, password)
ftp.voidcmd("TYPE I")
ftp.voidcmd("MODE Z")
for name in names:
    packer = zlib.compressobj()
    content = pathlib.Path(source, name).read_bytes()
    with ftp.transfercmd(f"STOR {name}") as data:
        for start in range(0, len(content), PIECE):
            data.sendall(packer.compress(content[start : start + PIECE]))
        data.sendall(packer.flush())
    ftp.voidresp()
    unpacker = zlib.decompressobj()
    with ftp.transfercmd(f"RETR {name}") as data, open(pathlib.Path(target, name), "wb") as file:
        while piece := data.recv(PIECE):
            file.write(unpacker.decompress(piece))
    ftp.voidresp()
    assert unpacker.eof and not unpacker.unused_data, name
ftp.quit()
print(f"moved {len(names)} files")
