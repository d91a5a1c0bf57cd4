"""pyftpdlib as a server on loopback: HOST PORT ROOT USER PASSWORD [PEM].

With a PEM file, certificate and key, it requires TLS.
"""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

host, port, root, user, password, *pem = sys.argv[1:]
authorizer = DummyAuthorizer()
authorizer.add_user(user, password, root, perm="elradfmwMT")
authorizer.add_anonymous(root)
if pem:
    from pyftpdlib.handlers import TLS_FTPHandler as FTPHandler

    FTPHandler.certfile = pem[0]
    FTPHandler.tls_control_required = True
    FTPHandler.tls_data_required = True
FTPHandler.authorizer = authorizer
FTPHandler.auth_failed_timeout = 0
FTPServer((host, int(port)), FTPHandler).serve_forever()
