"""What has to hold of every signal: RFC 8417, SSF 1.0 section 4, CAEP 1.0 and RISC 1.0, RFC 9493. Written from the specifications."""

import json
import sys
import time

import jwt

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
NAMES = {
    **{CAEP + name: name for name in ("session-revoked", "credential-change", "risk-level-change")},
    **{RISC + name: name for name in ("account-disabled", "account-enabled", "account-credential-change-required")},
    **{SSF + name: name for name in ("verification", "stream-updated")},
}
CREDENTIALS = {"password", "pin", "x509", "fido2-platform", "fido2-roaming", "fido-u2f", "verifiable-credential",
               "phone-voice", "phone-sms", "app"}
LEVELS = {"LOW", "MEDIUM", "HIGH"}
MEMBERS = {"iss", "iat", "jti", "aud", "txn", "toe", "sub_id", "events"}


class Rules:
    def __init__(self, metadata, jwks, audience):
        self.issuer, self.audience, self.seen, self.stream_ids = metadata["issuer"], audience, set(), set()
        if metadata["spec_version"] != "1_0":
            self.fail("another version of the specification", metadata)
        self.keys = {key["kid"]: jwt.PyJWK(key) for key in jwks["keys"] if key["kty"] == "RSA"}

    def fail(self, message, seen):
        sys.exit(f"check-signals: {message}: {json.dumps(seen)}")

    def need(self, holds, message, seen):
        if not holds:
            self.fail(message, seen)

    def check(self, token):
        """The name of the event, what it says, and whom it is about."""
        header = jwt.get_unverified_header(token)
        self.need(header == {"typ": "secevent+jwt", "alg": "RS256", "kid": header.get("kid")}, "the header", header)
        self.need(header["kid"] in self.keys, "the key is not published", header)
        claims = jwt.decode(token, self.keys[header["kid"]].key, algorithms=["RS256"], audience=self.audience,
                            issuer=self.issuer, options={"require": ["iss", "aud", "iat", "jti"]})
        self.need("sub" not in claims and "exp" not in claims, "sub or exp is there", claims)
        self.need(set(claims) <= MEMBERS, "a claim that nobody knows", claims)
        self.need(claims["jti"] not in self.seen, "the same jti twice", claims)
        self.seen.add(claims["jti"])
        self.need(isinstance(claims["iat"], int) and abs(time.time() - claims["iat"]) < 600, "the time", claims)
        self.need(len(claims["events"]) == 1, "one event per SET", claims)
        (uri, event), = claims["events"].items()
        self.need(uri in NAMES and isinstance(event, dict), "the type of event", claims)
        self.need("subject" not in event, "the subject is in sub_id", claims)
        name = NAMES[uri]
        if uri.startswith(SSF):
            about = {"format": "opaque", "id": claims["sub_id"].get("id")}
            self.need(claims["sub_id"] == about and about["id"] in self.stream_ids, "it is about the stream", claims)
        else:
            self.need(isinstance(claims.get("txn"), str) and claims["txn"], "txn", claims)
            self.complex(claims["sub_id"], claims)
        if uri.startswith(CAEP):
            self.need(isinstance(event.get("event_timestamp"), int), "event_timestamp", claims)
            self.need(event.get("initiating_entity") in {"admin", "user", "policy", "system"}, "initiating_entity", claims)
            reason = event.get("reason_admin", {"en": "x"})
            self.need(isinstance(reason, dict) and reason and all(isinstance(v, str) for v in reason.values()), "reason", claims)
        if name == "credential-change":
            self.need(event["credential_type"] in CREDENTIALS, "credential_type", claims)
            self.need(event["change_type"] in {"create", "revoke", "update", "delete"}, "change_type", claims)
        if name == "risk-level-change":
            self.need(event["current_level"] in LEVELS and event["previous_level"] in LEVELS, "the levels", claims)
            self.need(event["principal"] == "USER" and event["risk_reason"], "principal and risk_reason", claims)
        return name, event, claims["sub_id"]

    def complex(self, subject, claims):
        self.need(subject.get("format") == "complex", "the format of the subject", claims)
        parts = {name: part for name, part in subject.items() if name != "format"}
        self.need({"user", "tenant"} <= set(parts), "user and tenant", claims)
        for part in parts.values():
            wanted = {"iss_sub": {"format", "iss", "sub"}, "opaque": {"format", "id"}}.get(part.get("format"))
            self.need(wanted == set(part), "a part of the subject", claims)
        self.need(parts["user"]["iss"] == self.issuer, "the issuer of the user", claims)

    def compare_subjects(self, one, other):
        """Both have been told the same about the same, in the same order for each."""
        def by_subject(told):
            found = {}
            for name, _, subject in told:
                if name != "verification":
                    found.setdefault(json.dumps(subject, sort_keys=True), []).append(name)
            return found

        self.need(by_subject(one) == by_subject(other), "push and poll differ", [by_subject(one), by_subject(other)])
