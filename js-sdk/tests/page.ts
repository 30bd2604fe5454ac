/** What a browser has and Node has not, as far as the client asks for it. */

export class TestStorage {
  items = new Map<string, string>();
  /** Thrown at every access. */
  failure: Error | undefined;
  private check() {
    if (this.failure) throw this.failure;
  }
  get length() {
    this.check();
    return this.items.size;
  }
  key(at: number) {
    return [...this.items.keys()][at] ?? null;
  }
  getItem(key: string) {
    this.check();
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.check();
    this.items.set(key, String(value));
  }
  removeItem(key: string) {
    this.check();
    this.items.delete(key);
  }
}

class TestCaches {
  kept = new Map<string, Response>();
  async open() {
    return {
      put: async (url: string, response: Response) => void this.kept.set(url, response),
      match: async (url: string) => this.kept.get(url)?.clone(),
    };
  }
}

export interface TestPage {
  readonly local: TestStorage;
  readonly session: TestStorage;
  readonly caches: TestCaches;
  readonly beacons: { url: string; body: string }[];
  cookie: string;
  /** Hides or shows the page. */
  setHidden(hidden: boolean): void;
  /** Another load of the page: what is in memory is gone, listeners too. */
  reload(): void;
  leave(): void;
}

/** Makes this a page. Ends with {@link closePage}. */
export function openPage(search = ""): TestPage {
  let document = new EventTarget();
  let window = new EventTarget();
  const jar = new Map<string, string>();
  const page: TestPage & { hidden: boolean } = {
    local: new TestStorage(),
    session: new TestStorage(),
    caches: new TestCaches(),
    beacons: [],
    hidden: false,
    get cookie() {
      return [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    },
    set cookie(_) {},
    setHidden(hidden) {
      page.hidden = hidden;
      document.dispatchEvent(new Event("visibilitychange"));
    },
    leave: () => void window.dispatchEvent(new Event("pagehide")),
    reload() {
      page.leave();
      document = new EventTarget();
      window = new EventTarget();
      define();
    },
  };
  const set = (name: string, value: unknown) =>
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const define = () => {
    Object.defineProperty(document, "hidden", { get: () => page.hidden });
    Object.defineProperty(document, "cookie", {
      get: () => page.cookie,
      set(text: string) {
        const [pair] = text.split(";");
        const at = pair!.indexOf("=");
        jar.set(pair!.slice(0, at), pair!.slice(at + 1));
      },
    });
    set("document", document);
    set("addEventListener", window.addEventListener.bind(window));
    set("removeEventListener", window.removeEventListener.bind(window));
  };
  define();
  set("localStorage", page.local);
  set("sessionStorage", page.session);
  set("caches", page.caches);
  set("location", new URL(`http://page.test/${search}`));
  set("navigator", {
    sendBeacon(url: string, body: string) {
      page.beacons.push({ url, body });
      return true;
    },
  });
  return page;
}

export function closePage(): void {
  for (const name of ["document", "localStorage", "sessionStorage", "caches", "location", "navigator"])
    delete (globalThis as any)[name];
  for (const name of ["addEventListener", "removeEventListener"]) delete (globalThis as any)[name];
}
