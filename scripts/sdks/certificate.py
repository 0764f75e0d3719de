"""Makes an X.509 certificate for the key that has signed a token: what casdoor's clients want to verify it with."""

import datetime

import jwt
from checks import get
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def of_token(access_token):
    """The certificate, as PEM, and the algorithm of the key. Anybody can make one: what counts is the public key in it."""
    kid = jwt.get_unverified_header(access_token)["kid"]
    _, keys = get("/.well-known/jwks.json")
    jwk = next(key for key in keys["keys"] if key["kid"] == kid)
    public = jwt.PyJWK(jwk).key
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, kid)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(public)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
    certificate = builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), jwk["alg"]
