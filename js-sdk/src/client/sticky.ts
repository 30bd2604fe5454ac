/** Where it is remembered what a user was given before. */

import type { Sticky, StickyStore } from "../types.js";
import type { Settings } from "./options.js";
import { attempt, isPage, parse, storage } from "./safe.js";
import { readSticky } from "./user.js";

/** What browsers keep of a cookie, less room for its name and attributes, in bytes. */
const COOKIE_BYTES = 3800;

const localStore: StickyStore = {
  load: (environment, userKey) =>
    parse(storage("localStorage")?.getItem(`lotwise:sticky:${environment}:${userKey}`)) as Sticky,
  save: (environment, userKey, sticky) =>
    storage("localStorage")?.setItem(`lotwise:sticky:${environment}:${userKey}`, JSON.stringify(sticky)),
};

/** One user's at a time; the signed cookie of the server is another one. */
const cookieStore: StickyStore = {
  load(environment, userKey) {
    const name = `lotwise-${environment}=`;
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(name));
    const [owner, sticky] = parse(decodeURIComponent(found!.slice(name.length))) as [string, Sticky];
    return owner === userKey ? sticky : {};
  },
  save(environment, userKey, sticky) {
    const entries = Object.entries(sticky);
    let value;
    // The oldest go when there is no room for all.
    do value = encodeURIComponent(JSON.stringify([userKey, Object.fromEntries(entries)]));
    while (value.length > COOKIE_BYTES && entries.shift());
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `lotwise-${environment}=${value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  },
};

/** A store that never throws and gives nothing but variant keys; `undefined` for nowhere. */
export function stickyStore({ sticky: setting, reports }: Settings): StickyStore | undefined {
  const isOwn = attempt(() => typeof (setting as StickyStore).load === "function");
  const store = isOwn
    ? (setting as StickyStore)
    : setting === "cookie"
      ? cookieStore
      : (setting === undefined && isPage()) || setting === "localStorage"
        ? localStore
        : undefined;
  return (
    store && {
      load: (environment, userKey) => readSticky(attempt(() => store.load(environment, userKey))) ?? {},
      save(environment, userKey, sticky) {
        const save = () => store.save(environment, userKey, sticky);
        // A full or forbidden storage is nothing that an application can mend; its own code is.
        if (isOwn) reports.call(save);
        else attempt(save);
      },
    }
  );
}
