"""Tokens, as hanzo-iam and hanzoai-iam ask for them."""

import httpx
import jwt
from checks import URL, Client, form
from hanzo_iam import IAMClient


def check(checks, iam, config, native):
    admin, ada = Client("admin"), Client("ada")
    prefix = "/v1/iam" if native else ""
    document = checks.call("get_openid_configuration()", iam.get_openid_configuration)
    checks.equal("the issuer", document["issuer"], URL)
    for key in ("token_endpoint", "introspection_endpoint", "revocation_endpoint", "userinfo_endpoint", "jwks_uri"):
        checks.true(f"{key} is here", document[key].startswith(URL + "/"), document[key])
    keys = checks.call("get_jwks()", iam.get_jwks)["keys"]
    checks.true("there are keys", len(keys) >= 1, keys)
    checks.true("with ids, and without their private parts", all("kid" in key and "d" not in key for key in keys), keys)
    checks.equal("the keys that the metadata name", httpx.get(document["jwks_uri"]).json()["keys"], keys)
    url = checks.call("get_authorization_url()", iam.get_authorization_url, "https://app.example/callback", state="s")
    checks.true("where people would sign in", url.startswith(f"{URL}{prefix}/oauth/authorize?client_id={admin.id}"), url)

    granted = checks.call("client_credentials()", iam.client_credentials)
    checks.equal("the type of the token", granted.token_type, "Bearer")
    checks.true("it expires", 0 < granted.expires_in <= 86400, granted.expires_in)
    claims = checks.call("validate_token()", iam.validate_token, granted.access_token)
    checks.equal("the issuer", claims.iss, URL)
    checks.equal("the subject", claims.sub, admin.id)
    checks.equal("the owner", claims.owner, "acme")
    with IAMClient(config=config(ada)) as other:
        refusal = checks.refused("validate_token(meant for another)", None, other.validate_token, granted.access_token)
        checks.true("it was the audience", isinstance(refusal, jwt.InvalidAudienceError), refusal)
    head, body, signature = granted.access_token.split(".")
    flipped = ("B" if signature[0] == "A" else "A") + signature[1:]
    refusal = checks.refused("validate_token(forged)", None, iam.validate_token, f"{head}.{body}.{flipped}")
    checks.true("it was the signature", isinstance(refusal, jwt.InvalidSignatureError), refusal)

    told = checks.call("introspect_token()", iam.introspect_token, granted.access_token)
    checks.equal("what is told of it", (told["active"], told["client_id"], told["iss"]), (True, admin.id, URL))
    told = checks.call("introspect_token(forged)", iam.introspect_token, f"{head}.{body}.{flipped}")
    checks.equal("what is told of a forged one", told, {"active": False})

    with IAMClient(config=config(ada)) as hers:
        access = checks.call("client_credentials(ada)", hers.client_credentials).access_token
        info = checks.call("get_user_info()", hers.get_user_info, access)
        seen = (info.name, info.email, info.email_verified, info.picture, info.preferred_username, info.owner)
        told = ("Ada Lovelace", "ada@acme.example", True, "https://cdn.acme.example/ada.jpg", "ada-lovelace", "acme")
        checks.equal("who it is", seen, told)
        checks.equal("whose subject", info.sub, iam.get_user("ada-lovelace").id)
        checks.equal("the subject of her token", hers.validate_token(access).sub, info.sub)
    refusal = checks.refused("get_user_info(forged)", 401, iam.get_user_info, f"{head}.{body}.{flipped}")
    with IAMClient(config=config(admin, secret="idg_of-no-use")) as wrong:
        checks.refused("client_credentials(with another secret)", 401, wrong.client_credentials)
        checks.refused("introspect_token(with another secret)", 401, wrong.introspect_token, granted.access_token)
    checks.refused("client_credentials(with an unknown scope)", 400, iam.client_credentials, scope="everything")
    checks.refused("refresh_token()", 400, iam.refresh_token, "of no use")
    checks.refused("exchange_code()", 400, iam.exchange_code, "of no use", "https://app.example/callback")

    # What is given back is good no more: for introspection, for user info, and for the directory.
    status, _ = form(f"{prefix}/oauth/revoke", admin, token=granted.access_token)
    checks.equal("the answer to giving a token back", status, 200)
    told = checks.call("introspect_token(given back)", iam.introspect_token, granted.access_token)
    checks.equal("what is told of it", told, {"active": False})
    checks.refused("get_user_info(given back)", 401, iam.get_user_info, granted.access_token)
    with IAMClient(config=config(admin), bearer_token=granted.access_token) as late:
        checks.refused("get_users(with a token given back)", 401, late.get_users)
    if native:
        _verify(checks, iam)


def _verify(checks, iam):
    """The one function of this package that judges a token."""
    from hanzo_iam import unverified_claims, verify

    access = iam.client_credentials().access_token
    jwks, client = iam.config.jwks_uri, iam.config.client_id
    verdict = checks.call("verify()", verify, access, jwks_uri=jwks, issuer=URL, audience=client)
    checks.true("a good token is good", bool(verdict), verdict)
    checks.equal("its claims", checks.call("unverified_claims()", unverified_claims, access), verdict.claims)
    verdict = checks.call("verify(another issuer)", verify, access, jwks_uri=jwks, issuer="https://other.example")
    checks.equal("the verdict", (bool(verdict), verdict.reason), (False, "wrong_issuer"))
    verdict = checks.call("verify(another audience)", verify, access, jwks_uri=jwks, audience="another")
    checks.equal("the verdict", (bool(verdict), verdict.reason), (False, "wrong_audience"))
    verdict = checks.call("verify(where no keys are)", verify, access, jwks_uri=f"{URL}/v1/iam/nowhere")
    checks.equal("the verdict", bool(verdict), False)
