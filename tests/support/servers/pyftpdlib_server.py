"""pyftpdlib as a server on loopback: HOST PORT ROOT USER PASSWORD."""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

host, port, root, user, password = sys.argv[1:]
authorizer = DummyAuthorizer()
authorizer.add_user(user, password, root, perm="elradfmwMT")
authorizer.add_anonymous(root)
FTPHandler.authorizer = authorizer
FTPHandler.auth_failed_timeout = 0
FTPServer((host, int(port)), FTPHandler).serve_forever()
