// The page around GraphiQL: a token for all tabs, example tabs, no request to anywhere but here.
"use strict";

const ENDPOINT = "/graphql";
const EXAMPLES = "/graphiql/examples.json";
const TOKEN_KEY = "idgraph:token";

// GraphiQL keeps its tabs under these. It opens the default tabs only while there are none.
const TAB_KEYS = ["tabState", "query", "variables", "headers"].map((key) => `graphiql:${key}`);

const tokenField = document.getElementById("token");
const root = ReactDOM.createRoot(document.getElementById("graphiql"));

/** Sends the token along, unless the tab's own headers say who asks. */
function fetcherFor(token) {
  const send = GraphiQL.createFetcher({
    url: ENDPOINT,
    enableIncrementalDelivery: false,
    headers: { Accept: "application/graphql-response+json, application/json" },
  });
  if (!token) return send;
  return (params, options = {}) => {
    const headers = options.headers ?? {};
    const ownHeader = Object.keys(headers).some((name) => name.toLowerCase() === "authorization");
    return send(params, {
      ...options,
      headers: ownHeader ? headers : { ...headers, Authorization: `Bearer ${token}` },
    });
  };
}

/** examples.json as tabs: [{ title, query, variables }]. A tab is named by its operation. */
async function exampleTabs() {
  try {
    const response = await fetch(EXAMPLES);
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    return (await response.json()).map(({ title, query, variables }) => ({
      query: `# ${title}\n${query}\n`,
      variables: variables ? JSON.stringify(variables, null, 2) : "",
    }));
  } catch (error) {
    console.error("the example queries could not be loaded:", error);
    return undefined;
  }
}

function render(defaultTabs) {
  const token = tokenField.value.trim();
  const props = {
    // A new fetcher makes GraphiQL read the schema again, with the new token.
    fetcher: fetcherFor(token),
    defaultTabs,
    defaultQuery: "# Ctrl-Space completes, Ctrl-Enter runs.\n",
    defaultEditorToolsVisibility: true,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: true,
  };
  const logo = React.createElement(GraphiQL.Logo, null, "idgraph");
  root.render(React.createElement(GraphiQL, props, logo));
}

async function start() {
  tokenField.value = localStorage.getItem(TOKEN_KEY) ?? "";
  const tabs = await exampleTabs();
  render(tabs);

  tokenField.addEventListener("change", () => {
    const token = tokenField.value.trim();
    if (token) localStorage.setItem(TOKEN_KEY, token);
    else localStorage.removeItem(TOKEN_KEY);
    render(tabs);
  });
  document.getElementById("restore").addEventListener("click", () => {
    root.unmount();
    TAB_KEYS.forEach((key) => localStorage.removeItem(key));
    location.reload();
  });
}

start();
