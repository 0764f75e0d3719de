// The checks of scripts/check-subscriptions. Each is a sentence, and fails by throwing.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const { IDGRAPH_BINARY, IDGRAPH_PORT, IDGRAPH_TOKEN, IDGRAPH_READER, IDGRAPH_SERVER_PID } = process.env;
const address = `127.0.0.1:${IDGRAPH_PORT}/graphql`;
const changes = `subscription ($after: String) {
  changes(organization: "acme", after: $after) { cursor event { sequence action subjectId } } }`;

/** A client of the library, with that token in its connection_init. */
const clientOf = (token, options = {}) =>
  createClient({
    url: `ws://${address}`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token ? { Authorization: `Bearer ${token}` } : undefined,
    ...options,
  });

/** The first `count` answers to a subscription. */
async function first(client, count, variables, query = changes) {
  const answers = [];
  for await (const answer of client.iterate({ query, variables })) {
    answers.push(answer);
    if (answers.length === count) break;
  }
  return answers;
}

/** What the library throws for a subscription that is refused, or a connection that is closed. */
async function refusal(client, query = changes) {
  try {
    await first(client, 1, {}, query);
  } catch (reason) {
    return reason;
  }
  throw new Error('it was not refused');
}

/** Changes something over HTTP. */
async function mutate(query, variables) {
  const headers = { authorization: `Bearer ${IDGRAPH_TOKEN}`, 'content-type': 'application/json' };
  const answer = await fetch(`http://${address}`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  assert.equal(errors, undefined);
  return data;
}

/** Creates a team of the demo company. */
async function team(slug) {
  const organization = await mutate('{ organization(slug: "acme") { id } }');
  const input = { organizationId: organization.organization.id, slug };
  const made = await mutate('mutation ($input: CreateTeamInput!) { createTeam(input: $input) { errors { message } } }', { input });
  assert.deepEqual(made.createTeam.errors, []);
}

/** The code and reason with which the server closes a bare socket that says these things. */
function closing(messages, protocol = 'graphql-transport-ws') {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${address}`, protocol);
    socket.on('open', () => messages.forEach((message) => socket.send(message)));
    socket.on('close', (code, reason) => resolve([code, reason.toString()]));
    socket.on('error', reject);
  });
}

const init = JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${IDGRAPH_TOKEN}` } });
const subscribe = JSON.stringify({ type: 'subscribe', id: '1', payload: { query: changes } });

const checks = {
  async 'a change arrives as soon as it is made'() {
    const client = clientOf(IDGRAPH_TOKEN);
    const { data } = (await first(client, 1, {}, '{ organization(slug: "acme") { changesCursor } }'))[0];
    const waiting = first(client, 1, { after: data.organization.changesCursor });
    await team('live');
    const [answer] = await waiting;
    assert.equal(answer.data.changes.event.action, 'collective.create');
    await client.dispose();
  },
  async 'whoever comes back goes on behind the last cursor'() {
    const seen = [];
    let after = 'beginning';
    for (let visit = 0; visit < 20; visit += 1) {
      const client = clientOf(IDGRAPH_TOKEN);
      for (const { data } of await first(client, 3, { after })) {
        seen.push(data.changes.event.sequence);
        after = data.changes.cursor;
      }
      client.terminate();
    }
    assert.deepEqual(seen, Array.from({ length: 60 }, (_, index) => index + 1));
  },
  async 'the library comes back by itself after it was cut off'() {
    let connections = 0;
    const client = clientOf(IDGRAPH_TOKEN, { retryAttempts: 3, on: { connected: () => (connections += 1) } });
    const waiting = first(client, 1, {}, 'subscription { changes(organization: "acme") { event { action } } }');
    while (connections === 0) await new Promise(setImmediate);
    client.terminate();
    while (connections === 1) await new Promise((resolve) => setTimeout(resolve, 10));
    const cut = new Promise((resolve) => setTimeout(resolve, 300)).then(() => team('again'));
    assert.equal((await waiting)[0].data.changes.event.action, 'collective.create');
    await cut;
    await client.dispose();
  },
  async 'whoever may not follow is refused, and may do other things'() {
    const client = clientOf(IDGRAPH_READER);
    const errors = await refusal(client);
    assert.equal(errors[0].extensions.code, 'FORBIDDEN');
    const [{ data }] = await first(client, 1, {}, '{ viewer { name } }');
    assert.equal(data.viewer.name, 'reader');
    await client.dispose();
  },
  async 'a document that is not valid is refused'() {
    const errors = await refusal(clientOf(IDGRAPH_TOKEN), 'subscription { nonsense }');
    assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  },
  async 'a token of no use is forbidden'() {
    const closed = await refusal(clientOf(`idg_${'A'.repeat(43)}`));
    assert.deepEqual([closed.code, closed.reason], [4403, 'Forbidden']);
  },
  async 'a token that is revoked hears nothing more'() {
    const run = (...words) => execFileSync(IDGRAPH_BINARY, words, { encoding: 'utf8' });
    const made = run('token', 'create', '--name', 'short', '--organization', 'acme', '--role', 'admin');
    const [secret] = made.match(/idg_[\w-]+/);
    const [id] = run('token', 'list').split('\n').find((line) => line.includes('short')).match(/tok_\w+/);
    const client = clientOf(secret);
    const waiting = refusal(client, 'subscription { changes(filter: {action: {prefix: "collective."}}) { cursor } }');
    await new Promise((resolve) => setTimeout(resolve, 500));
    run('token', 'revoke', id);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await team('secret');
    assert.equal((await waiting).code, 4403);
  },
  async 'every close code is the one of the protocol'() {
    for (const [code, messages] of [
      [4400, [init, 'x']],
      [4400, [init, Buffer.from('{}')]],
      [4400, [init, '{"type":"start"}']],
      [4401, [subscribe]],
      [4408, []],
      [4409, [init, subscribe, subscribe]],
      [4429, [init, init]],
    ]) {
      const [closed, reason] = await closing(messages);
      assert.equal(closed, code, reason);
    }
    assert.equal((await closing([], []))[0], 4406);
  },
  async 'pings are answered'() {
    let pongs = 0;
    const client = clientOf(IDGRAPH_TOKEN, { lazy: false, keepAlive: 50, on: { pong: () => (pongs += 1) } });
    while (pongs < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    await client.dispose();
  },
  async 'a server that stops says goodbye'() {
    const waiting = refusal(clientOf(IDGRAPH_TOKEN));
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(Number(IDGRAPH_SERVER_PID), 'SIGTERM');
    assert.equal((await waiting).code, 1001);
  },
};

for (const [sentence, check] of Object.entries(checks)) {
  const late = setTimeout(() => {
    console.error(`failed: ${sentence}: it takes too long`);
    process.exit(1);
  }, 30_000);
  try {
    await check();
  } catch (error) {
    console.error(`failed: ${sentence}`);
    console.error(error);
    process.exit(1);
  }
  clearTimeout(late);
  console.log(`ok: ${sentence}`);
}
process.exit(0);
