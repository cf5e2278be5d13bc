// Writes answers.json: questions made up at random (always the same ones), and what graphql-js answers to them. The world
// behind them fails, is null and is late by fixed rules; `api/src/http/answers.rs` follows the same rules and must give
// the same answers, letter by letter.
//
//   npm ci && npm run write
import { readFileSync, writeFileSync } from "node:fs";
import * as g from "graphql";

const here = (name) => new URL(name, import.meta.url);
const schema = g.buildSchema(readFileSync(here("world.graphql"), "utf8"));

// The world.
const fail = (when, value) => { if (when) throw new Error("no"); return value; };
const being = (n) => ({ n: n % 1000, __typename: n % 2 === 0 ? "Cat" : "Dog" });
const rules = {
  id: (n) => n,
  name: (n) => fail(n % 4 === 1, n % 4 === 3 ? null : `being ${n}`),
  weight: (n) => fail(n % 3 === 0, n * 10),
  mate: (n) => fail(n % 5 === 1, n % 5 === 0 ? null : being(n + 1)),
  friend: (n) => fail(n % 7 === 0, being(n + 3)),
  kin: (n) => fail(n % 6 === 5, [being(n + 1), null, being(n + 2)]),
  litter: (n) => (n % 6 === 1 ? null : [being(n + 2), being(n + 5)]),
  pack: (n) => fail(n % 11 === 0, [being(n + 4), being(n + 7)]),
  purr: (n) => fail(n % 8 === 0, "purr"),
  claws: (n) => [n, n + 1],
  speed: (n) => (n % 9 === 0 ? NaN : n + 0.5),
  bark: (n) => fail(n % 8 === 1, "wuff"),
};
const roots = {
  being: (n) => fail(n % 13 === 0, being(n)),
  sure: (n) => fail(n % 13 === 1, being(n)),
  pet: (n) => fail(n % 13 === 2, n % 13 === 3 ? null : being(n)),
  pets: (n) => fail(n % 13 === 4, [being(n), being(n + 1), being(n + 2)]),
  cat: (n) => being(n - (n % 2)),
  raise: (n) => fail(n % 13 === 0, being(n)),
  raiseSurely: (n) => fail(n % 13 === 1, being(n)),
};
async function fieldResolver(source, args, context, info) {
  const of = source?.n === undefined ? roots : rules;
  if (source && info.fieldName in source && source.n === undefined) return source[info.fieldName];
  for (let turns = (args.n ?? source.n) % 4; turns > 0; turns--) await null;
  return of[info.fieldName](args.n ?? source.n);
}
async function* stream(key, n) {
  for (let at = n; at < n + 3; at++) yield { [key]: being(at) };
}
const subscribeFieldResolver = (_, { n }, __, info) => stream(info.fieldName, n);

// The questions.
let seed = 20261122;
const random = (below) => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return (seed >>> 8) % below;
};
const pick = (list) => list[random(list.length)];
let fragments;
const condition = () => pick(["", "", "", "", "", " @include(if: $yes)", " @skip(if: $no)", " @skip(if: true)", " @include(if: $no)"]);
function field(type, depth) {
  if (g.isUnionType(type) || random(9) === 0) return `${pick(["", "", "t: "])}__typename`;
  const fields = Object.values(type.getFields()).filter((field) => depth > 0 || g.isLeafType(g.getNamedType(field.type)));
  const chosen = pick(fields);
  const named = g.getNamedType(chosen.type);
  const alias = random(6) === 0 ? `${pick(["a", "b", "c", "d"])}: ` : "";
  return `${alias}${chosen.name}${condition()}${g.isLeafType(named) ? "" : selection(named, depth - 1)}`;
}
function selection(type, depth) {
  const items = [];
  for (let count = 1 + random(4); count > 0; count--) {
    const others = ["Being", "Cat", "Dog", "Pet"].map((name) => schema.getType(name)).filter((other) => g.doTypesOverlap(schema, other, type));
    const inner = depth > 0 && random(4) === 0 ? pick(others) : undefined;
    if (!inner) items.push(field(type, depth));
    else if (random(2) === 0) items.push(`...${random(4) === 0 ? "" : ` on ${inner}`}${condition()}${selection(inner, depth - 1)}`);
    else {
      const name = `F${fragments.length}`;
      fragments.push("");
      fragments[Number(name.slice(1))] = ` fragment ${name} on ${inner}${selection(inner, depth - 1)}`;
      items.push(`...${name}${condition()}`);
    }
  }
  return ` { ${items.join(" ")} }`;
}
function question(kind) {
  fragments = [];
  const root = Object.values(schema.getRootType(kind).getFields());
  const items = [];
  for (let count = kind === "subscription" ? 1 : 1 + random(3); count > 0; count--) {
    const chosen = pick(root);
    const alias = kind === "subscription" || random(2) === 0 ? "" : `${pick(["x", "y", "z"])}: `;
    items.push(`${alias}${chosen.name}(n: ${random(60)})${kind === "subscription" ? "" : condition()}${selection(g.getNamedType(chosen.type), 3)}`);
  }
  return `${kind}($yes: Boolean = true, $no: Boolean = false) { ${items.join(" ")} }${fragments.join("")}`;
}
const unused = /Variable "\$(yes|no)" is never used/;
function valid(text) {
  const errors = g.validate(schema, g.parse(text), g.specifiedRules, { maxErrors: 100 });
  if (!errors.every((error) => unused.test(error.message))) return undefined;
  const declared = ["yes", "no"].filter((name) => !errors.some((error) => error.message.includes(`"$${name}"`)));
  const list = declared.map((name) => `$${name}: Boolean = ${name === "yes"}`).join(", ");
  return text.replace("($yes: Boolean = true, $no: Boolean = false)", list ? `(${list})` : "");
}

// The answers.
const told = ({ data, errors = [] }) => ({ data: JSON.stringify(data), errors: errors.map((error) => error.path) });
async function ask(kind, document) {
  if (kind !== "subscription") return [told(await g.execute({ schema, document, fieldResolver }))];
  const events = [];
  for await (const event of await g.subscribe({ schema, document, fieldResolver, subscribeFieldResolver })) events.push(told(event));
  return events;
}
const asked = [];
for (const [kind, wanted] of [["query", 140], ["mutation", 20], ["subscription", 20]]) {
  for (let found = 0; found < wanted; ) {
    const text = valid(question(kind));
    if (!text || text.length > 700) continue;
    const answers = await ask(kind, g.parse(text));
    // Most of what is made up goes well; what fails is what is looked for.
    const fails = answers.some(({ errors }) => errors.length > 0);
    if (answers.some(({ data }) => data.length > 1500) || (!fails && random(6) > 0)) continue;
    asked.push({ query: text, answers });
    found += 1;
  }
}
writeFileSync(here("answers.json"), `[\n${asked.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`);
console.log(`${asked.length} questions; ${asked.filter((one) => one.answers.some(({ data }) => data === "null")).length} without any data`);
