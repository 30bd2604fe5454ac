import type { Change, Decision, Lotwise, Status } from "../types.js";

/** Where a provider's events go. */
export interface Audience {
  ready(): void;
  stale(message: string): void;
  error(message: string): void;
  changed(flagsChanged: string[]): void;
}

/** Tells OpenFeature what becomes of the client. */
export interface Herald {
  /** Looks at the client's status, and tells if it is another one. */
  look(): void;
  /** Runs something that changes decisions in a way that OpenFeature knows about. */
  quietly(action: () => void): void;
  end(): void;
}

/** Starts telling. OpenFeature itself says READY when a provider has started: what is true comes after that. */
export function herald(client: Lotwise, audience: Audience): Herald {
  let told: Status = client.status;
  if (told === "stale") {
    told = "ready";
    setTimeout(look);
  }
  let before = decisionsOf(client);
  let isQuiet = false;

  function look(): void {
    const { status } = client;
    if (status === told) return;
    told = status;
    if (status === "ready") audience.ready();
    if (status === "stale")
      audience.stale("the last look for a newer snapshot failed; the last good one decides");
    if (status === "failed") audience.error("there is no snapshot, and the last look for one failed");
  }

  const end = client.on("change", (change: Change) => {
    look();
    const now = decisionsOf(client);
    const keys = new Set([...before.keys(), ...now.keys()]);
    const changed = [...keys].filter((key) => before.get(key) !== now.get(key)).sort();
    before = now;
    if (!isQuiet && (changed.length > 0 || change.cause === "snapshot")) audience.changed(changed);
  });

  return {
    look,
    quietly(action) {
      isQuiet = true;
      try {
        action();
      } finally {
        isQuiet = false;
      }
    },
    end,
  };
}

/** None where there is no user of its own, as on servers. */
function decisionsOf(client: Lotwise): Map<string, Decision> {
  if (client.userKey === null) return new Map();
  return new Map(client.decideAll().map((decision) => [decision.experiment, decision]));
}
