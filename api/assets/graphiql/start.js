// What stands around the stock GraphiQL editor: who asks, in which language, and ready examples.
// Tokens, questions and answers live in this page's memory only and are gone when it is closed or reloaded.

const { GraphiQL, GraphiQLPluginExplorer, React, ReactDOM, graphqlWs } = window;
const { DropdownMenu, useEditorContext, useExecutionContext } = GraphiQL.React;
const { getOperationAST, parse } = GraphiQL.GraphQL;
const { createElement, useEffect, useRef } = React;

const RENEW_BEFORE_MS = 30_000;

const FIRST_LINES = `# Choose one of the Examples,
# or write a question of your own.
#
# Ctrl-Space    completes a name
# Ctrl-Enter    asks
# Shift-Ctrl-P  tidies
# Tab           leaves the editor

`;

const language = document.getElementById("language");
const purpose = document.getElementById("purpose");
const actorChoice = document.getElementById("actor-choice");
const actorSelect = document.getElementById("actor");
const tokenForm = document.getElementById("token-form");
const tokenField = document.getElementById("token");
const who = document.getElementById("who");

// Who asks. A "bearer" is a function that gives the Authorization header, or null for nobody.

const nobody = async () => null;

const pasted = (token) => async () => `Bearer ${token}`;

/** The bearer of a demo actor: fetches a token at first use and a new one shortly before it ends. */
function demoActor(actor) {
  let pass = null;

  const renew = () => {
    const asked = requestToken(actor);
    // A failed request is forgotten, so that the next question tries again.
    asked.catch(() => {
      if (pass === asked) pass = null;
    });
    pass = asked;
    return asked;
  };

  return async () => {
    let { token, expiresAt } = await (pass ?? renew());
    if (Date.parse(expiresAt) - Date.now() < RENEW_BEFORE_MS) ({ token } = await renew());
    return `Bearer ${token}`;
  };
}

async function requestToken(actor) {
  const response = await fetch("/graphiql/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ actor }),
    cache: "no-store",
  });
  if (!response.ok) throw new Error(`no token for ${actor}, the server answered ${response.status}`);
  return response.json();
}

// How a question travels.

/** What GraphiQL asks through on behalf of one bearer, over HTTP and WebSocket. */
function connect(bearer) {
  const socket = graphqlWs.createClient({
    url: new URL("/graphql/ws", location.href).href.replace(/^http/, "ws"),
    connectionParams: async () => {
      const authorization = await bearer();
      return authorization ? { authorization, purpose: purpose.value } : undefined;
    },
    // A subscription taken up again by itself would have missed events without saying so.
    retryAttempts: 0,
  });
  const overHttp = GraphiQL.createFetcher({
    url: "/graphql",
    fetch: (url, init) => post(url, init, bearer),
    enableIncrementalDelivery: false,
  });
  const fetcher = (question, options) =>
    isSubscription(question) ? events(socket, question) : overHttp(question, options);
  return { bearer, fetcher, socket };
}

function isSubscription({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    // What does not parse goes to the server, which names the place.
    return false;
  }
}

/** The events of a subscription as an observable; the WebSocket fetcher of GraphiQL itself leaves failures uncaught. */
function events(socket, question) {
  return {
    subscribe: (observer) => ({
      unsubscribe: socket.subscribe(question, {
        ...observer,
        error: (reason) => observer.error(Array.isArray(reason) ? reason : { message: socketFailure(reason) }),
      }),
    }),
  };
}

function socketFailure(reason) {
  if (reason instanceof CloseEvent) return `The server closed the subscription: ${reason.code} ${reason.reason}`.trim();
  return `The subscription failed: ${reason.message ?? "no connection"}`;
}

/** Sends one question; a header written in the Headers editor wins over the top bar. */
async function post(url, init, bearer) {
  try {
    const headers = new Headers(init.headers);
    const authorization = await bearer();
    if (authorization && !headers.has("authorization")) headers.set("authorization", authorization);
    if (authorization && purpose.value && !headers.has("x-purpose")) headers.set("x-purpose", purpose.value);
    if (!headers.has("accept-language")) headers.set("accept-language", language.value);
    headers.set("accept", "application/graphql-response+json, application/json;q=0.9");

    const response = await fetch(url, { ...init, headers, cache: "no-store" });
    if (/json\b/.test(response.headers.get("content-type") ?? "")) return response;
    return failure(`The server answered ${response.status} ${response.statusText}, without JSON.`);
  } catch (error) {
    return failure(`The question was not answered: ${error.message}`);
  }
}

/** An answer in GraphQL's own form, so that the response pane shows the message and no stack trace. */
function failure(message) {
  return new Response(JSON.stringify({ errors: [{ message }] }));
}

let connection = connect(nobody);

/** From here on `bearer` asks. A new fetcher makes GraphiQL read the schema again with the new rights. */
function become(bearer) {
  connection.socket.dispose();
  connection = connect(bearer);
  draw();
}

async function askAsActor(actor) {
  actorSelect.value = actor;
  if (actor === "") {
    become(nobody);
    who.textContent = "Asking as nobody.";
    return;
  }
  const bearer = demoActor(actor);
  become(bearer);
  who.textContent = `Signing in as ${actor}…`;
  try {
    await bearer();
    if (connection.bearer === bearer) who.textContent = `Asking as ${actor}.`;
  } catch (error) {
    if (connection.bearer !== bearer) return;
    actorSelect.value = "";
    become(nobody);
    who.textContent = `Asking as nobody: ${error.message}.`;
  }
}

function askWithToken(text) {
  const token = text.trim().replace(/^Bearer\s+/i, "");
  become(token ? pasted(token) : nobody);
  who.textContent = token ? "Asking with the given token." : "Asking as nobody.";
}

// Ready examples.

/** Left to itself the editor swallows Tab, and who works by keyboard could not get out of it. */
const TAB_LEAVES = { Tab: false, "Shift-Tab": false };

function useAccessibleEditor(editor, label) {
  useEffect(() => {
    if (!editor) return undefined;
    editor.setOption("screenReaderLabel", label);
    editor.setOption("lineWrapping", true);
    // Last in line, so that Tab still picks from an open completion list.
    editor.addKeyMap(TAB_LEAVES, true);
    return () => editor.removeKeyMap(TAB_LEAVES);
  }, [editor, label]);
}

const holdsQuestion = (text) => text.replace(/#.*$/gm, "").trim() !== "";

function ExampleMenu({ examples }) {
  const { addTab, headerEditor, queryEditor, responseEditor, variableEditor } = useEditorContext();
  const { stop } = useExecutionContext();
  const chosen = useRef(false);
  useAccessibleEditor(queryEditor, "Question");
  useAccessibleEditor(variableEditor, "Variables");
  useAccessibleEditor(headerEditor, "Request headers");
  useAccessibleEditor(responseEditor, "Answer");

  const open = (example) => {
    chosen.current = true;
    // Events of a running subscription would land in the new tab.
    stop();
    if (holdsQuestion(queryEditor.getValue())) ReactDOM.flushSync(addTab);
    queryEditor.setValue(example.query);
    variableEditor.setValue(example.variables ?? "");
    purpose.value = example.purpose ?? "";
    if (example.actor !== null && !actorChoice.hidden) askAsActor(example.actor);
  };

  // After a choice the focus belongs to the question; after Escape it returns to the button.
  const moveFocus = (event) => {
    if (!chosen.current) return;
    chosen.current = false;
    event.preventDefault();
    queryEditor.focus();
  };

  const items = examples.map((example) =>
    createElement(
      DropdownMenu.Item,
      { key: example.title, onSelect: () => open(example) },
      example.title,
      example.actor && createElement("span", { className: "example-actor" }, `as ${example.actor}`),
    ),
  );

  return createElement(
    DropdownMenu,
    { modal: false },
    createElement(DropdownMenu.Button, { className: "examples-button" }, "Examples"),
    createElement(
      DropdownMenu.Content,
      { align: "end", className: "examples", onCloseAutoFocus: moveFocus },
      items,
    ),
  );
}

// The page.

async function load(url) {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

/** One entry for each demo actor, grouped by the network it belongs to. */
function listActors(actors) {
  for (const [network, members] of Map.groupBy(actors, (actor) => actor.network ?? "")) {
    const options = members.map(({ name, role, organization }) => {
      const about = [role.toLowerCase().replaceAll("_", " "), organization].filter(Boolean).join(", ");
      return new Option(`${name}: ${about}`, name);
    });
    if (network === "") {
      actorSelect.append(...options);
    } else {
      const group = document.createElement("optgroup");
      group.label = network;
      group.append(...options);
      actorSelect.append(group);
    }
  }
}

const root = ReactDOM.createRoot(document.getElementById("explorer"));
const plugins = [GraphiQLPluginExplorer.explorerPlugin()];
const problems = [];
const [actors, examples] = await Promise.all(
  ["/graphiql/actors.json", "/graphiql/examples.json"].map((url) =>
    load(url).catch((error) => {
      problems.push(error.message);
      return null;
    }),
  ),
);

function draw() {
  root.render(
    createElement(
      GraphiQL,
      {
        fetcher: connection.fetcher,
        plugins,
        // GraphiQL's history would write down variables and hand-written headers, a token among them.
        storage: null,
        shouldPersistHeaders: false,
        inputValueDeprecation: true,
        defaultQuery: FIRST_LINES,
        defaultEditorToolsVisibility: "variables",
      },
      createElement(GraphiQL.Logo, null, createElement(ExampleMenu, { examples: examples ?? [] })),
    ),
  );
}

const spoken = navigator.languages.map((tag) => tag.slice(0, 2));
language.value = spoken.find((tag) => ["fi", "sv", "en"].includes(tag)) ?? "fi";
if (actors) {
  listActors(actors.actors);
  actorChoice.hidden = false;
  actorSelect.addEventListener("change", () => askAsActor(actorSelect.value));
} else {
  tokenForm.hidden = false;
  tokenForm.addEventListener("submit", (event) => {
    event.preventDefault();
    askWithToken(tokenField.value);
  });
}
who.textContent = ["Asking as nobody.", ...problems].join(" ");
draw();
