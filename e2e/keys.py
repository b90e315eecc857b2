"""An identity provider and a load balancer's key server in one, and what they sign."""

import base64
import http.server
import json
import threading
import time
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature


class _Requests(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked.append(self.path)
        content = self.server.contents.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")


class Keys:
    """Serves public keys on the loopback interface until the process ends."""

    def __init__(self):
        self.provider = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.balancer = ec.generate_private_key(ec.SECP256R1())
        self.other_balancer = ec.generate_private_key(ec.SECP256R1())
        self.balancer_id = str(uuid.uuid4())
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Requests)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.server.asked, self.server.contents = [], self._contents()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _contents(self):
        numbers = self.provider.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "provider",
               "n": unpadded(numbers.n.to_bytes(256, "big")), "e": unpadded(numbers.e.to_bytes(3, "big"))}
        found = {"issuer": self.url, "jwks_uri": f"{self.url}/.well-known/jwks.json"}
        pem = self.balancer.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        return {"/.well-known/openid-configuration": json.dumps(found).encode(),
                "/.well-known/jwks.json": json.dumps({"keys": [key]}).encode(),
                f"/{self.balancer_id}": pem}

    def token(self, scope, *, key=None, algorithm="RS256", **claims):
        """A token of the provider. A claim that is None is left out."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": "inventory", "sub": "somebody", "iat": now - 10, "exp": now + 600,
                  "scope": scope, **claims}
        message = ".".join(map(encoded, ({"alg": algorithm, "typ": "JWT", "kid": "provider"}, present(claims))))
        if algorithm == "none":
            return f"{message}."
        signature = (key or self.provider).sign(message.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{message}.{unpadded(signature)}"

    def identity(self, signer, client, *, key=None, claims=None, **header):
        """What a load balancer says of somebody: base64url with padding, and all but the claims of the
        user in the header."""
        now = int(time.time())
        header = {"alg": "ES256", "typ": "JWT", "kid": self.balancer_id, "iss": self.url, "signer": signer,
                  "client": client, "exp": now + 120, **header}
        claims = {"sub": "somebody", "groups": "dr-team,others", "exp": now + 120, **(claims or {})}
        message = ".".join(padded(json.dumps(part).encode()) for part in (present(header), present(claims)))
        r, s = decode_dss_signature((key or self.balancer).sign(message.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{message}.{padded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def changed(token, other):
    """The payload of one with the signature of the other."""
    header, _, signature = token.split(".")
    return ".".join((header, other.split(".")[1], signature))


def present(claims):
    return {name: value for name, value in claims.items() if value is not None}


def padded(content):
    return base64.urlsafe_b64encode(content).decode()


def unpadded(content):
    return padded(content).rstrip("=")


def encoded(part):
    return unpadded(json.dumps(part).encode())
