// @hanzo/iam: the client, the engine of browsers (with a storage of our own), sessions of servers, and the adapters.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  IAM, IamApiError, IamClient, claimsOf, clearJwksCache, configureIam, getSession, getUser, membershipsFromToken,
  resolveIdentity, validateToken,
} from "@hanzo/iam";
import { getIamSession, requireAuth } from "@hanzo/iam/express";
import { requireAuth as honoRequireAuth, getIamSession as honoSession } from "@hanzo/iam/hono";
import { HanzoIamProvider } from "@hanzo/iam/nextauth";
import { createIamPassportStrategy } from "@hanzo/iam/passport";
import { requireSession } from "@hanzo/iam/remix";
import { getServerSession, withSession } from "@hanzo/iam/server";

const world = JSON.parse(readFileSync(process.env.SDKS_WORLD, "utf8"));
const serverUrl = world.url;
const { admin, ada } = world.tokens;
const version = JSON.parse(readFileSync(new URL("./node_modules/@hanzo/iam/package.json", import.meta.url))).version;
const calls = new Set();
let times = 0, assertions = 0, doing = "starting";

process.on("uncaughtException", (error) => {
  console.error(error);
  console.error(`check-sdks: @hanzo/iam ${version}, ${doing}: ${error.message}`);
  process.exit(1);
});

/** A call that has to succeed. */
async function call(what, promise) {
  begin(what);
  return promise();
}

function begin(what) {
  doing = what;
  calls.add(what.split("(")[0]);
  times += 1;
}

/** A call that has to be refused with that status. */
async function refused(what, status, promise) {
  begin(what);
  await assert.rejects(promise, (error) => error instanceof IamApiError && error.status === status, what);
  assertions += 1;
}

function equal(actual, expected, what) {
  assertions += 1;
  assert.deepEqual(actual, expected, what);
}

const client = new IamClient({ serverUrl, clientId: admin.id, clientSecret: admin.secret, orgName: "acme" });
const hers = new IamClient({ serverUrl, clientId: ada.id, clientSecret: ada.secret });

// Where things are.
const discovery = await call("getDiscovery()", () => client.getDiscovery());
equal(discovery.issuer, serverUrl, "the issuer");
equal(await call("getJwksUri()", () => client.getJwksUri()), discovery.jwks_uri, "where the keys are");
const where = new URL(await call("getAuthorizationUrl()", () =>
  client.getAuthorizationUrl({ redirectUri: "https://app.example/callback", state: "s" })));
equal([where.origin, where.searchParams.get("client_id")], [serverUrl, admin.id], "where people would sign in");
await refused("exchangeCode()", 400, () => client.exchangeCode({ code: "x", redirectUri: "https://app.example/callback" }));
await refused("refreshToken()", 400, () => client.refreshToken("of no use"));

// Somebody signs in with a password: the example of the product's documentation.
const granted = await call("passwordGrant()", () =>
  client.passwordGrant({ username: "grace-hopper", password: world.password }));
equal(granted.token_type, "Bearer", "the type of the token");
await refused("passwordGrant(another password)", 400, () =>
  client.passwordGrant({ username: "grace-hopper", password: `${world.password}!` }));
const wrong = new IamClient({ serverUrl, clientId: admin.id, clientSecret: "idg_of-no-use" });
await refused("passwordGrant(another secret)", 401, () =>
  wrong.passwordGrant({ username: "grace-hopper", password: world.password }));
const user = await call("getUserInfo()", () => hers.getUserInfo(ada.access));
equal([user.name, user.email, user.avatar],
  ["Ada Lovelace", "ada@acme.example", "https://cdn.acme.example/ada.jpg"], "user.name, user.email, user.avatar");
equal([user.owner, user.displayName], ["acme", "Ada Lovelace"], "whose she is");
await refused("getUserInfo(forged)", 401, () => client.getUserInfo("a.b.c"));
const users = await call("apiRequest()", () =>
  client.apiRequest("/v1/iam/users", { token: admin.access, params: { owner: "acme" } }));
equal(users.users.some((found) => found.name === "ada-lovelace"), true, "she is listed");
await refused("apiRequest(without a token)", 401, () =>
  new IamClient({ serverUrl, clientId: admin.id }).apiRequest("/v1/iam/users"));
await refused("apiRequest(an unknown path)", 404, () => client.apiRequest("/v1/iam/nowhere", { token: admin.access }));

// Whoever trusts this server looks at the token alone.
const config = { serverUrl, clientId: ada.id, orgName: "acme" };
const valid = await call("validateToken()", () => validateToken(ada.access, config));
equal([valid.ok, valid.userId, valid.owner], [true, user.sub, "acme"], "whose token it is");
const reason = async (what, token, other) => (await call(what, () => validateToken(token, { ...config, ...other }))).reason;
equal(await reason("validateToken(for another)", ada.access, { clientId: admin.id }), "iam_audience_invalid");
equal(await reason("validateToken(forged)", `${ada.access.slice(0, -4)}AAAA`), "iam_signature_invalid");
equal(await reason("validateToken(of another issuer)", ada.access, {
  issuer: "https://other.example", jwksUri: discovery.jwks_uri,
}), "iam_signature_invalid");
equal(await reason("validateToken(nothing)", ""), "iam_token_missing");
clearJwksCache();
const pinned = { issuer: serverUrl, jwksUri: `${serverUrl}/v1/iam/.well-known/jwks` };
equal((await call("validateToken(pinned keys)", () => validateToken(ada.access, { ...config, ...pinned }))).ok, true);
equal(membershipsFromToken(ada.access).organizations, ["acme"], "the organizations of her token");
const identity = resolveIdentity(user, claimsOf(ada.access));
equal([identity.name, identity.avatarUrl, identity.initials], ["Ada Lovelace", user.avatar, "AL"], "how she is shown");

// Sessions of servers.
const request = (token) => new Request(`${serverUrl}/me`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
const session = await call("getServerSession()", () => getServerSession(request(ada.access), config));
equal(session.userId, user.sub, "whose session it is");
equal(await call("getServerSession(nobody)", () => getServerSession(request(), config)), null);
const guarded = withSession(config, (_, found) => Response.json({ user: found.userId }));
const answer = await call("withSession()", () => guarded(request(ada.access)));
equal(await answer.json(), { user: user.sub });
equal((await call("withSession(nobody)", () => guarded(request()))).status, 401);
equal((await call("requireSession()", () => requireSession(request(ada.access), config))).userId, user.sub);
await assert.rejects(requireSession(request("a.b.c"), config), (response) => response.status === 401);
const express = { headers: { authorization: `Bearer ${ada.access}` } };
await call("express requireAuth()", () => new Promise((done) => { requireAuth(config)(express, null, done); }));
equal(getIamSession(express).userId, user.sub);
const kept = new Map();
const context = {
  req: { raw: request(ada.access), header: (name) => request(ada.access).headers.get(name) ?? undefined },
  set: (key, value) => kept.set(key, value), get: (key) => kept.get(key), json: (body, status) => ({ body, status }),
};
await call("hono requireAuth()", () => honoRequireAuth(config)(context, async () => {}));
equal(honoSession(context).userId, user.sub);
const profile = HanzoIamProvider({ serverUrl, clientId: ada.id, clientSecret: ada.secret }).profile(user);
begin("nextauth profile()");
equal([profile.id, profile.name, profile.email, profile.image], [user.sub, "Ada Lovelace", user.email, user.avatar]);
const strategy = createIamPassportStrategy({ serverUrl, clientId: ada.id, callbackUrl: "https://app.example/callback" });
const passed = await call("passport verify()", () => new Promise((done, fail) => {
  strategy._verify({}, ada.access, undefined, {}, (error, found) => (error ? fail(error) : done(found)));
}));
equal(passed.userinfo.sub, user.sub);

// The engine of browsers, with tokens that it has been given: getUser() is the current-user call.
function storage(access) {
  const items = new Map([["hanzo_iam_access_token", access]]);
  return {
    get length() { return items.size; }, key: (at) => [...items.keys()][at] ?? null, clear: () => items.clear(),
    getItem: (key) => items.get(key) ?? null, setItem: (key, value) => items.set(key, String(value)),
    removeItem: (key) => items.delete(key),
  };
}
const browser = new IAM({ serverUrl, clientId: ada.id, redirectUri: "https://app.example/callback", storage: storage(ada.access) });
const current = await call("IAM.getUser()", () => browser.getUser());
equal([current.sub, current.name, current.email, current.picture, current.emailVerified, current.owner],
  [user.sub, "Ada Lovelace", "ada@acme.example", user.avatar, true, "acme"], "the current user");
configureIam({ issuer: serverUrl, clientId: ada.id, redirect: "https://app.example/callback", storage: storage(ada.access) });
equal((await call("getUser()", () => getUser())).name, "Ada Lovelace");
equal(getSession().authenticated, true, "the session");
const leaving = new IAM({
  serverUrl, clientId: admin.id, redirectUri: "https://app.example/callback", storage: storage(granted.access_token),
});
equal((await call("IAM.getUserInfo()", () => leaving.getUserInfo())).preferred_username, "grace-hopper");
await call("IAM.logout()", () => leaving.logout());
equal(leaving.getAccessToken(), null, "what the browser holds");
await refused("getUserInfo(signed out)", 401, () => client.getUserInfo(granted.access_token));

console.log(`    @hanzo/iam ${version}: ${calls.size} calls, ${times} times; ${assertions} assertions hold`);
