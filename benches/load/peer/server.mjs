// PostGraphile as a cluster of processes behind one port, with everything off that only development needs.
//
// PEER_DATABASE_URL, PEER_PORT and PEER_PROCESSES say what to serve, where, and by how many.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";

const { PEER_DATABASE_URL: url, PEER_PORT: port, PEER_PROCESSES: processes = "2" } = process.env;

if (cluster.isPrimary) {
  for (let count = Number(processes); count > 0; count -= 1) cluster.fork();
  process.on("SIGTERM", () => process.exit(0));
} else {
  const instance = postgraphile({
    extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
    pgServices: [makePgService({ connectionString: url, schemas: ["peer"], poolConfig: { max: 10 } })],
    grafast: { explain: false },
    grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, websockets: false },
  });
  const server = createServer();
  await instance.createServ(grafserv).addTo(server);
  server.listen(Number(port), "127.0.0.1");
}
