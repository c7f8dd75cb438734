// The page of the demo: what the program sends as views is shown, and buttons ask
// it for faults.

const $ = (id) => document.getElementById(id);

/** @returns an element with a class and a text. */
function make(tag, className, text = '') {
  const e = document.createElement(tag);
  e.className = className;
  e.textContent = text;
  return e;
}

/** Writes what has changed alone, so that nothing is announced or drawn again. */
function write(e, text) {
  if (e.textContent !== String(text)) e.textContent = text;
}

/** Lets the list have as many children as wanted. */
function size(list, count, create) {
  while (list.children.length > count) list.lastElementChild.remove();
  while (list.children.length < count) list.append(create());
}

const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

async function ask(path) {
  try {
    await fetch(path, { method: 'POST' }); // a refusal says that it happens already
  } catch {
    setStatus('offline');
  }
}

const statusTexts = { online: 'Running', offline: 'The demo has ended, or cannot be reached' };

function setStatus(state) {
  if ($('status').dataset.state === state) return;
  $('status').dataset.state = state;
  write($('status-text'), statusTexts[state]);
  if (state === 'offline') for (const b of document.querySelectorAll('button')) b.disabled = true;
}

// Counters.

function showCounts(c) {
  write($('sent'), c.sent);
  const underWay = c.sent - c.accepted + c.waiting;
  write($('sent-note'), underWay === 0 ? 'none under way' : `${underWay} under way`);
  write($('once'), c.once);
  write($('again'), c.again);
  write($('lost'), c.lost);
  write($('overlaps'), c.overlaps);
  write($('disorder'), c.disorder === 0 ? 'yes' : 'no');
  write($('disorder-note'), c.disorder === 0 ? 'no message overtook another' : count(c.disorder, 'message overtook another', 'messages overtook others'));
  for (const name of ['lost', 'overlaps', 'disorder']) $(`${name}-tile`).classList.toggle('broken', c[name] > 0);

  const reasons = Object.entries(c.reasons).sort().map(([reason, n]) => `${reason} (${n})`);
  const parts = [];
  if (reasons.length > 0) parts.push(`Why handled again: ${reasons.join('; ')}.`);
  if (c.recovery > 0) parts.push(`After a kill, the work of the bot went on with others within ${(c.recovery / 1000).toFixed(1)} s.`);
  $('reasons').hidden = parts.length === 0;
  write($('reasons'), parts.join(' '));
}

// Machines.

function botCard(place) {
  const card = make('li', 'card');
  card.dataset.bot = place;
  const buttons = make('div', 'buttons');
  for (const [fault, label, className] of [['kill', 'Kill', 'button danger'], ['pause', 'Pause', 'button']]) {
    const b = make('button', className, label);
    b.type = 'button';
    b.dataset.fault = fault;
    b.addEventListener('click', () => ask(`bots/${encodeURIComponent(card.dataset.name)}/${fault}`));
    buttons.append(b);
  }
  card.append(make('p', 'card-name'), make('p', 'card-state'), make('p', 'card-note'), buttons);
  return card;
}

const botStates = { running: 'running', paused: 'paused, by SIGSTOP', killed: 'killed, by SIGKILL' };

function showBots(bots) {
  size($('bots'), bots.length, () => botCard($('bots').children.length));
  bots.forEach((bot, i) => {
    const card = $('bots').children[i];
    const [name, state, note] = card.children;
    card.dataset.name = bot.name;
    card.dataset.state = bot.state;
    write(name, bot.name);
    write(state, botStates[bot.state]);
    write(note, bot.state === 'killed' ? 'Another starts in its place.' : `process ${bot.pid}: ${bot.handled} handled, ${bot.running} at work`);
    for (const b of card.querySelectorAll('button')) {
      b.disabled = bot.state !== 'running';
      b.setAttribute('aria-label', `${b.textContent} ${bot.name}`);
    }
  });
}

function showRedis(servers, busy) {
  size($('redis'), servers.length, () => {
    const card = make('li', 'card');
    card.append(make('p', 'card-name'), make('p', 'card-state'), make('p', 'card-note'));
    return card;
  });
  servers.forEach((server, i) => {
    const card = $('redis').children[i];
    const [name, state, note] = card.children;
    card.dataset.state = !server.up ? 'down' : server.primary ? 'primary' : 'replica';
    write(name, server.name);
    write(state, !server.up ? 'does not answer' : server.primary ? 'primary' : 'replica');
    write(note, server.addr);
  });
  $('redis-kill').disabled = $('redis-failover').disabled = busy;
}

// Conversations.

const messageStates = { sent: 'not accepted yet', waiting: 'waits', running: 'is handled', interrupted: 'interrupted', handled: 'handled', lost: 'lost' };

function showThreads(threads) {
  size($('threads'), threads.length, () => {
    const row = make('li', 'thread');
    const messages = make('span', 'thread-messages');
    messages.setAttribute('role', 'img');
    row.append(make('span', 'thread-number', $('threads').children.length + 1), messages, make('span', 'thread-handled'));
    return row;
  });
  threads.forEach((thread, i) => {
    const [number, row, handled] = $('threads').children[i].children;
    const messages = thread.messages ?? [];
    size(row, messages.length, () => make('i', 'message'));
    messages.forEach((m, j) => {
      const square = row.children[j];
      square.dataset.state = m.state;
      square.dataset.bot = m.bot;
      square.className = m.again ? 'message again' : 'message';
      square.title = `Message ${m.number}: ${messageStates[m.state]}${m.again ? ', not for the first time' : ''}`;
    });
    write(handled, thread.handled);
    const open = messages.filter((m) => m.state !== 'handled').length;
    row.setAttribute('aria-label', `Conversation ${number.textContent}: ${thread.handled} handled, ${open} under way`);
  });
}

// Events.

function showEvents(events) {
  $('events-empty').hidden = events.length > 0;
  const newest = events[0] && events[0].at + events[0].text;
  if ($('events').dataset.newest === newest || !newest) return;
  $('events').dataset.newest = newest;
  const known = new Set([...$('events').children].map((e) => e.dataset.key));
  for (const event of events.toReversed()) {
    const key = event.at + event.text;
    if (known.has(key)) continue;
    const row = make('li', 'event');
    row.dataset.kind = event.kind;
    row.dataset.key = key;
    const time = make('time', '', new Date(event.at).toLocaleTimeString('en-GB'));
    time.dateTime = event.at;
    row.append(time, make('span', '', event.text));
    $('events').prepend(row);
  }
  size($('events'), Math.min($('events').children.length, 40), () => make('li', 'event'));
}

for (const fault of ['kill', 'failover']) $(`redis-${fault}`).addEventListener('click', () => ask(`redis/${fault}`));

const views = new EventSource('views');
views.addEventListener('message', ({ data }) => {
  const view = JSON.parse(data);
  setStatus('online');
  showCounts(view.counts);
  showBots(view.bots);
  showRedis(view.redis ?? [], view.redisBusy);
  showThreads(view.threads);
  showEvents(view.events ?? []);
});
views.addEventListener('error', () => setStatus('offline'));
