// SCIMMY behind Express, on the port that is its argument. Users are kept in a map, and by user name in another, so that
// nothing that it does for a request grows with how many there are.
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";
import { randomUUID } from "node:crypto";

const users = new Map();
const names = new Map();

SCIMMY.Resources.declare(SCIMMY.Resources.User)
  .ingress((resource, data) => {
    const name = data.userName.toLowerCase();
    const taken = names.get(name);
    if (taken && taken !== resource.id) throw new SCIMMY.Types.Error(409, "uniqueness", "The user name is taken.");
    const id = resource.id ?? randomUUID();
    const now = new Date().toISOString();
    const created = users.get(id)?.meta.created ?? now;
    const user = { ...data, id, meta: { resourceType: "User", created, lastModified: now } };
    users.set(id, user);
    names.set(name, id);
    return user;
  })
  .egress((resource) => {
    if (!resource.id) return [...users.values()];
    const user = users.get(resource.id);
    if (!user) throw new SCIMMY.Types.Error(404, null, `There is no user ${resource.id}.`);
    return user;
  })
  .degress((resource) => {
    const user = users.get(resource.id);
    if (user) names.delete(user.userName.toLowerCase());
    users.delete(resource.id);
  });

const handler = (request) => {
  if (request.header("Authorization") !== "Bearer secret") throw new Error("The token is missing.");
  return "client";
};
express()
  .use("/scim", new SCIMMYRouters({ type: "bearer", handler }))
  .listen(Number(process.argv[2]), "127.0.0.1");
