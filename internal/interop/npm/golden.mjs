// Answers questions about the npm packages: the first argument names the
// question, standard input has what it needs as JSON, standard output the
// answer as JSON.
import * as chat from "chat";
import spec from "commonmark-spec";
import { text as readAll } from "node:stream/consumers";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { cards, modals } from "./content.mjs";
import { act, interactions } from "./interactions.mjs";
import { again, messages, read, records } from "./records.mjs";

const remark = unified().use(remarkParse).use(remarkGfm);

function withoutPositions(node) {
  delete node.position;
  for (const child of node.children ?? []) withoutPositions(child);
  return node;
}

const parse = (source) => withoutPositions(remark.parse(source));

function tables(source) {
  const found = [];
  (function visit(node) {
    if (node.type === "table") found.push(chat.tableToAscii(node));
    for (const child of node.children ?? []) visit(child);
  })(remark.parse(source));
  return found;
}

const platforms = ["slack", "gchat", "teams", "discord", "whatsapp"];

const answers = {
  examples: () => spec.tests.map((test) => test.markdown.replaceAll("→", "\t")),
  parse: (sources) => sources.map(parse),
  text: (sources) => sources.map((source) => chat.markdownToPlainText(source)),
  tables: (sources) => sources.map(tables),
  cards: () =>
    Object.entries(cards).map(([name, card]) => ({
      name,
      json: card,
      fallback: card.children.map((child) => chat.cardChildToFallbackText(child)),
    })),
  modals: () => Object.entries(modals).map(([name, json]) => ({ name, json })),
  messages: () => messages,
  prompts: () =>
    chat.toAiMessages(
      ["text", "bot", "plain", "formatted"].map((name) => messages[name]),
      { includeNames: true },
    ),
  again,
  records,
  interactions,
  act,
  read,
  emoji: () => ({
    map: chat.DEFAULT_EMOJI_MAP,
    json: chat.emoji.thumbs_up,
    replaced: Object.fromEntries(
      platforms.map((platform) => [
        platform,
        Object.keys(chat.DEFAULT_EMOJI_MAP).map((name) =>
          chat.convertEmojiPlaceholders(`a {{emoji:${name}}}b`, platform),
        ),
      ]),
    ),
  }),
};

const [question] = process.argv.slice(2);
const input = await readAll(process.stdin);
const answer = await answers[question](input ? JSON.parse(input) : undefined);
process.stdout.write(JSON.stringify(answer));
