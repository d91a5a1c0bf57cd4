"""A plain FTP client over raw sockets: no more work for each command than the protocol asks for."""

import socket


class Session:
    """One control connection, logged in."""

    def __init__(self, port, login, host="127.0.0.1"):
        self.host = host
        self.control = connect(host, port)
        self.held = b""
        self.buffer = memoryview(bytearray(1024 * 1024))
        self.expect(220)
        if login is not None:
            user, password = login.split(":", 1)
            self.send("USER " + user)
            self.expect(331)
            self.send("PASS " + password)
            self.expect(230)

    def send(self, line):
        self.control.sendall(line.encode() + b"\r\n")

    def expect(self, code):
        """The text of the next final reply, which must have this code."""
        first = self.line()
        last = first
        while first[3:4] == b"-" and last[:4] != first[:3] + b" ":
            last = self.line()
        if int(last[:3]) != code:
            raise RuntimeError("%d expected: %s" % (code, last.decode()))
        return last

    def line(self):
        while b"\n" not in self.held:
            more = self.control.recv(4096)
            if not more:
                raise RuntimeError("the server has closed the control connection")
            self.held += more
        line, self.held = self.held.split(b"\n", 1)
        return line

    def command(self, line, code):
        self.send(line)
        return self.expect(code)

    def open_data(self):
        port = int(self.command("EPSV", 229).split(b"|")[3])
        return connect(self.host, port)

    def fetch(self, command, sink):
        """Gives every piece of what a command sends to `sink`; the pieces share one buffer."""
        with self.open_data() as data:
            self.command(command, 150)
            while count := data.recv_into(self.buffer):
                sink(self.buffer[:count])
        self.expect(226)

    def store(self, name, content):
        with self.open_data() as data:
            self.command("STOR " + name, 150)
            data.sendall(content)
        self.expect(226)

    def quit(self):
        self.command("QUIT", 221)
        self.control.close()


def connect(host, port):
    connection = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    connection.connect((host, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
