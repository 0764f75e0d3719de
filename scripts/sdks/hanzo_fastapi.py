"""A service with FastAPI behind tokens of this server: the integration that hanzo-iam and hanzoai-iam bring along."""

from checks import URL, Client, token
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from hanzo_iam.fastapi import configure, get_current_user, get_optional_user, require_auth, require_org


def check(checks, native):
    ada, admin = Client("ada"), Client("admin")
    # The address and the organization come from the environment, IAM_ENDPOINT and IAM_ORG.
    configured = checks.call("fastapi.configure()", configure, client_id=ada.id, client_secret=ada.secret)
    checks.equal("where it asks", configured.server_url, URL)
    app = FastAPI()

    @app.get("/protected")
    def protected(claims=Depends(require_auth)):
        return {"subject": claims.sub}

    @app.get("/user")
    def user(user=Depends(get_current_user)):
        return {"name": user.name, "email": user.email}

    @app.get("/optional")
    def optional(user=Depends(get_optional_user)):
        return {"name": user and user.name}

    @app.get("/ours")
    def ours(claims=Depends(require_org(["acme"]))):
        return {"organization": claims.owner}

    @app.get("/theirs")
    def theirs(claims=Depends(require_org(["beta"]))):
        return {"organization": claims.owner}

    service = TestClient(app)
    hers = {"Authorization": f"Bearer {token(ada)}"}

    def ask(path, headers, status, answer=None):
        got = checks.call(f"fastapi {path}", service.get, path, headers=headers)
        checks.equal(f"the status of {path}", got.status_code, status)
        if answer is not None:
            checks.equal(f"the answer of {path}", got.json(), answer)

    subject = service.get("/protected", headers=hers).json().get("subject", "")
    checks.true("whose token it is", subject.startswith("usr_"), subject)
    ask("/protected", hers, 200, {"subject": subject})
    ask("/user", hers, 200, {"name": "Ada Lovelace", "email": "ada@acme.example"})
    ask("/optional", hers, 200, {"name": "Ada Lovelace"})
    ask("/optional", {}, 200, {"name": None})
    ask("/ours", hers, 200, {"organization": "acme"})
    ask("/theirs", hers, 403)
    # A token that was issued to another client is for that client.
    ask("/protected", {"Authorization": f"Bearer {token(admin)}"}, 401)
    ask("/protected", {"Authorization": "Bearer a.b.c"}, 401)
