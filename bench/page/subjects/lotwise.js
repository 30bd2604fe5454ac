// What is compared: each starts from what a page holds in memory, and decides with nothing recorded and
// nothing sent.
//
// `init` loads and gives what decides; `user` starts on a user; `one` decides an experiment by its key, and
// gives whatever holds the variant; `all` decides every experiment; `variantOf` reads what `one` gave: the
// variant's key, or null.

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
