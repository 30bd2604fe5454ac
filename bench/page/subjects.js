// What is compared: each starts from what a page holds in memory, and decides with nothing recorded and
// nothing sent.
//
// `init` loads and gives what decides; `user` starts on a user; `one` decides an experiment by its key, and
// gives whatever holds the variant; `all` decides every experiment; `variantOf` reads what `one` gave: the
// variant's key, or null.

import { GrowthBookClient } from "@growthbook/growthbook";
import { createConsoleLogger, getClient, LogLevel, PollingMode, User } from "configcat-js";

/** Ours, from the binary form of the snapshot. The engine is started before. */
export function lotwise(createLotwise, { binary }) {
  const options = { eventsUrl: null, sticky: false, pollInterval: 0, exposures: false };
  const onError = ({ message }) => {
    throw Error(message);
  };
  return {
    name: "lotwise",
    init: ([userKey, context]) => createLotwise({ ...options, snapshot: binary, userKey, context, onError }),
    first: (client) => client,
    user: (client, [userKey, context]) => client.forUser({ userKey, context }),
    one: (user, key) => user.peek(key),
    all: (user) => user.decideAll(),
    variantOf: (decision) => decision.variant,
    close: (client) => client.close(),
  };
}

/** GrowthBook, from the text of its payload; its client for several users is its fastest. */
export function growthbook({ growthbook, keys }) {
  const user = (client, [id, context]) => client.createScopedInstance({ attributes: { ...context, id } });
  const one = (user, key) => user.evalFeature(key);
  return {
    name: "growthbook",
    init: () => new GrowthBookClient().initSync({ payload: JSON.parse(growthbook) }),
    first: user,
    user,
    one,
    all: (user) => keys.map((key) => one(user, key)),
    variantOf: ({ value }) => value?.variant_key ?? null,
    close: (client) => client.destroy(),
  };
}

/** ConfigCat, from the text that its cache holds; values are the text of JSON, and stay text. */
export function configcat({ configcat, keys }) {
  const cached = `${Date.now()}\n"etag"\n${configcat}`;
  const cache = { get: () => cached, set() {} };
  const logger = createConsoleLogger(LogLevel.Off);
  let clients = 0;
  const user = ({ snapshot }, [key, context]) => ({
    snapshot,
    user: new User(key, undefined, undefined, context),
  });
  const one = ({ snapshot, user }, key) => snapshot.getValue(key, "", user);
  return {
    name: "configcat",
    async init() {
      // It has one client per key.
      const sdkKey = `configcat-sdk-1/${String(++clients).padStart(22, "0")}/${"0".repeat(22)}`;
      const client = getClient(sdkKey, PollingMode.ManualPoll, { cache, logger, offline: true });
      await client.waitForReady();
      return { client, snapshot: client.snapshot() };
    },
    first: user,
    user,
    one,
    all: (user) => keys.map((key) => one(user, key)),
    variantOf: (text) => (text ? JSON.parse(text).variant_key : null),
    close: ({ client }) => client.dispose(),
  };
}
