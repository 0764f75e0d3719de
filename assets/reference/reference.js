"use strict";

// Shows the OpenAPI document of the server that this page comes from. Whatever is shown is set as text, never as markup.

const METHODS = ["get", "post", "put", "patch", "delete"];

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== ""));
  return node;
}

// The text of a description, what stands between backticks as code.
function prose(text, name = "p") {
  const pieces = (text || "").split("`");
  return element(name, {}, ...pieces.map((piece, index) => (index % 2 ? element("code", {}, piece) : piece)));
}

function nameOf(reference) {
  return reference.split("/").pop();
}

// What a schema says, in a few words, with links to the schemas that it names.
function typeOf(schema) {
  if (schema === undefined || schema === true) return ["anything"];
  if (schema.$ref) {
    const name = nameOf(schema.$ref);
    return [element("a", { href: `#schema-${name}` }, name)];
  }
  const choices = schema.anyOf || schema.oneOf;
  if (choices && choices.every((choice) => choice.const !== undefined)) {
    return [choices.map((choice) => JSON.stringify(choice.const)).join(" | ")];
  }
  if (choices) return choices.flatMap((choice, index) => (index ? [" or ", ...typeOf(choice)] : typeOf(choice)));
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(" | ")];
  if (schema.type === "array") return ["list of ", ...typeOf(schema.items)];
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type || "anything";
  return [schema.format ? `${type} (${schema.format})` : type];
}

function table(heads, rows) {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((cells) => element("tr", {}, ...cells.map((cell) => element("td", {}, ...[cell].flat()))));
  return element("div", { class: "wide" },
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)));
}

function named(name, required) {
  const code = element("code", {}, name);
  return required ? [code, " ", element("span", { class: "required" }, "required")] : [code];
}

function type(schema) {
  return element("span", { class: "type" }, ...typeOf(schema));
}

function resolve(document_, part) {
  if (!part.$ref) return part;
  return part.$ref.split("/").slice(1).reduce((place, step) => place[step], document_);
}

function answers(document_, operation) {
  return Object.entries(operation.responses).map(([status, response]) => {
    const found = resolve(document_, response);
    const [content] = Object.values(found.content || {});
    return [element("code", {}, status), prose(found.description, "span"), content ? type(content.schema) : "nothing"];
  });
}

function operation(document_, path, method, described) {
  const place = element("p", { class: "call" },
    element("span", { class: `method ${method}` }, method.toUpperCase()), element("span", { class: "path" }, path));
  const parts = [element("h3", {}, described.summary), place];
  if (described.description) parts.push(prose(described.description));
  if (described.parameters.length > 0) {
    const rows = described.parameters.map((parameter) => [
      named(parameter.name, parameter.required), parameter.in, type(parameter.schema), prose(parameter.description, "span"),
    ]);
    parts.push(element("h4", {}, "Parameters"), table(["Name", "In", "Type", "Meaning"], rows));
  }
  if (described.requestBody) {
    const rows = Object.entries(described.requestBody.content).map(([media, { schema }]) => [
      element("code", {}, media), type(schema),
    ]);
    parts.push(element("h4", {}, "Body"), table(["As", "Type"], rows));
  }
  parts.push(element("h4", {}, "Answers"), table(["Status", "Meaning", "Body"], answers(document_, described)));
  return element("section", { class: "operation", id: described.operationId }, ...parts);
}

function schemas(document_) {
  const sections = Object.entries(document_.components.schemas).map(([name, schema]) => {
    const parts = [element("h3", {}, name)];
    if (schema.description) parts.push(prose(schema.description));
    const fields = Object.entries(schema.properties || {});
    const words = (schema.oneOf || []).filter((choice) => choice.const !== undefined);
    if (fields.length > 0) {
      const required = schema.required || [];
      parts.push(table(["Field", "Type", "Meaning"], fields.map(([field, value]) => [
        named(field, required.includes(field)), type(value), prose(value.description, "span"),
      ])));
    } else if (words.length > 0) {
      parts.push(table(["Word", "Meaning"], words.map((word) => [
        element("code", {}, word.const), prose(word.description, "span"),
      ])));
    } else {
      parts.push(element("p", {}, type(schema)));
    }
    return element("section", { class: "operation", id: `schema-${name}` }, ...parts);
  });
  return [element("h2", { id: "schemas" }, "Schemas"), ...sections];
}

function show(document_) {
  const main = document.getElementById("main");
  const contents = document.getElementById("contents");
  const all = Object.entries(document_.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, described: item[method] })));
  main.replaceChildren(element("h1", {}, document_.info.title), ...document_.info.description.split("\n\n").map((text) => prose(text)),
    element("p", {}, "Version ", document_.info.version, ". ", element("a", { href: "/v1/openapi.json" }, "OpenAPI document")));
  for (const tag of document_.tags) {
    const own = all.filter(({ described }) => described.tags.includes(tag.name));
    main.append(element("h2", {}, tag.name), prose(tag.description),
      ...own.map(({ path, method, described }) => operation(document_, path, method, described)));
    const links = own.map(({ path, method, described }) =>
      element("li", { "data-text": `${described.summary} ${method} ${path} ${described.operationId}`.toLowerCase() },
        element("a", { href: `#${described.operationId}` }, described.summary)));
    contents.append(element("div", {}, element("h2", {}, tag.name), element("ul", {}, ...links)));
  }
  main.append(...schemas(document_));
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function search(event) {
  const words = event.target.value.toLowerCase().split(/\s+/);
  for (const group of document.getElementById("contents").children) {
    const entries = [...group.querySelectorAll("li")];
    for (const entry of entries) entry.hidden = !words.every((word) => entry.dataset.text.includes(word));
    group.hidden = entries.every((entry) => entry.hidden);
  }
}

async function load() {
  const answer = await fetch("/v1/openapi.json");
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  show(await answer.json());
}

document.getElementById("search").addEventListener("input", search);
load().catch((error) => {
  document.getElementById("main").replaceChildren(element("p", { role: "alert" },
    `The OpenAPI document could not be loaded (${error.message}). Reload the page to try again.`));
});
