import { createConsoleLogger, getClient, LogLevel, PollingMode, User } from "configcat-js";

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
