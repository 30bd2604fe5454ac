// Measures what is compared, in Node as in a page.

import { configcat } from "./subjects/configcat.js";
import { growthbook } from "./subjects/growthbook.js";
import { lotwise } from "./subjects/lotwise.js";

/** What is measured: `prepare` and `after` are not timed. `run` does `count` operations. */
const OPERATIONS = {
  init: {
    prepare: () => ({ clients: [] }),
    async run(subject, { clients }, { keys, users }, count) {
      for (let at = 0; at < count; at++) {
        const user = users[at % users.length];
        const client = await subject.init(user);
        subject.one(subject.first(client, user), keys.at(-1));
        clients.push(client);
      }
    },
    after: (subject, { clients }) => clients.map((client) => subject.close(client)),
  },
  "single, new user": {
    run(subject, { client }, { keys, users }, count) {
      for (let at = 0; at < count; at++)
        sink = subject.one(subject.user(client, users[at % users.length]), keys[(at * 7) % keys.length]);
    },
  },
  "single, first read": {
    prepare(subject, client, { keys, users }, count) {
      const handles = users.slice(0, Math.max(1, Math.min(count, users.length)));
      return { handles: handles.map((user) => read(subject, subject.user(client, user), keys[0])) };
    },
    most: ({ keys, users }) => users.length * (keys.length - 1),
    run(subject, { handles }, { keys }, count) {
      // Another user and another experiment each time, and no pair of them twice.
      const others = keys.length - 1;
      for (let at = 0, pass = 0; at < count; pass++)
        for (let place = 0; place < handles.length && at < count; place++, at++)
          sink = subject.one(handles[place], keys[1 + ((place + pass) % others)]);
    },
  },
  "single, read again": {
    prepare: (subject, client, { keys, users }) => {
      const handle = subject.user(client, users[0]);
      for (const key of keys) subject.one(handle, key);
      return { handle };
    },
    run(subject, { handle }, { keys }, count) {
      for (let at = 0; at < count; at++) sink = subject.one(handle, keys[(at * 7) % keys.length]);
    },
  },
  "all, new user": {
    run(subject, { client }, { users }, count) {
      for (let at = 0; at < count; at++) sink = subject.all(subject.user(client, users[at % users.length]));
    },
  },
  "all, read again": {
    prepare: (subject, client, { users }) => {
      const handle = subject.user(client, users[0]);
      subject.all(handle);
      return { handle };
    },
    run(subject, { handle }, _, count) {
      for (let at = 0; at < count; at++) sink = subject.all(handle);
    },
  },
};

/** Keeps results from being optimised away. */
let sink;

function read(subject, handle, key) {
  subject.one(handle, key);
  return handle;
}

/**
 * Measures with one workload, `{keys, users, expected, binary, growthbook, configcat}`, `rounds` rounds of
 * about `seconds` each. Returns the nanoseconds of every round, by operation and name.
 */
export async function measure(createLotwise, workload, seconds, rounds) {
  const subjects = [lotwise(createLotwise, workload), growthbook(workload), configcat(workload)];
  const clients = [];
  for (const subject of subjects) clients.push(await subject.init(workload.users[0]));
  await verify(subjects, clients, workload);
  const figures = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const counts = [];
    for (const [place, subject] of subjects.entries())
      counts.push(await calibrate(operation, subject, clients[place], workload, seconds));
    const rows = subjects.map(() => []);
    for (let round = 0; round < rounds; round++) {
      // Whoever is first in one round is last in the next.
      const order = [...subjects.keys()];
      if (round % 2) order.reverse();
      for (const place of order) {
        const count = counts[place];
        const milliseconds = await once(operation, subjects[place], clients[place], workload, count);
        rows[place].push((milliseconds * 1e6) / count);
      }
    }
    figures[name] = Object.fromEntries(subjects.map((subject, place) => [subject.name, rows[place]]));
  }
  await Promise.all(subjects.map((subject, place) => subject.close(clients[place])));
  return figures;
}

/** How many operations take about that long; warms up on the way. */
async function calibrate(operation, subject, client, workload, seconds) {
  const most = operation.most?.(workload) ?? Infinity;
  let count = 1;
  for (;;) {
    const milliseconds = await once(operation, subject, client, workload, count);
    if (milliseconds >= seconds * 500) {
      // Once more: compilers have caught up by now.
      const again = await once(operation, subject, client, workload, count);
      return Math.max(1, Math.min(most, Math.round((count * seconds * 1000) / Math.max(again, 0.1))));
    }
    if (count === most) return most;
    count = Math.min(most, count * 2);
  }
}

/** Milliseconds. */
async function once(operation, subject, client, workload, count) {
  const state = operation.prepare?.(subject, client, workload, count) ?? { client };
  // What has ended is to be let go before, by those who wait for the collector's word, too.
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve));
  const start = performance.now();
  const running = operation.run(subject, state, workload, count);
  if (running) await running;
  const milliseconds = performance.now() - start;
  if (operation.after) await Promise.all(operation.after(subject, state));
  return milliseconds;
}

/**
 * Ours has to say what the core says natively. The hashes of the others are other ones, so that users get
 * other variants there, but of the same experiments, and about half of each.
 */
async function verify(subjects, clients, { keys, users, expected }) {
  subjects.forEach((subject, place) => {
    let treated = 0;
    let assigned = 0;
    expected.forEach((variants, person) => {
      const handle = subject.user(clients[place], users[person]);
      const all = subject.all(handle).map(subject.variantOf);
      keys.forEach((key, at) => {
        const variant = subject.variantOf(subject.one(handle, key));
        const isRight = subject.name === "lotwise" ? variant === variants[at] : !variant === !variants[at];
        if (!isRight || variant !== all[at])
          throw Error(`${subject.name} gives ${users[person][0]} ${variant} of ${key}, not ${variants[at]}`);
        if (variant) assigned++;
        if (variant === "treatment") treated++;
      });
    });
    if (Math.abs(treated / assigned - 0.5) > 0.06)
      throw Error(`${subject.name} treats ${treated} of ${assigned}, which is not half`);
  });
}
