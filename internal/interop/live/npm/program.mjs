// A bot of the npm packages that a Go test drives. It reads requests, one JSON a
// line, {id, op, args}, and writes answers, {id, value} or {id, error}, and events,
// {event, …}. It ends when its standard input does.
// Usage: node program.mjs settings, which are JSON: see bot.mjs.
import readline from "node:readline";
import { start } from "./bot.mjs";

const write = (line) => process.stdout.write(JSON.stringify(line) + "\n"); // to a pipe: at once
const bot = await start(JSON.parse(process.argv[2]), write);
write({ event: "ready", addr: bot.addr });

readline
  .createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { id, op, args } = JSON.parse(line);
    try {
      write({ id, value: (await bot.ops[op](...args)) ?? null });
    } catch (error) {
      write({ id, error: error.stack });
    }
  })
  .on("close", () => process.exit(0));
