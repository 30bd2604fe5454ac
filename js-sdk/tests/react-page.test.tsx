import { container } from "./dom.js";
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { act, StrictMode, Suspense, useState, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { LotwiseProvider, useDecisions, useLotwise, useTrack, useVariant } from "../src/react/index.js";
import type { Lotwise, LotwiseOptions } from "../src/types.js";
import { fakeLotwise } from "./fake.js";

const button = { "checkout-button-color": { variant: "treatment", payload: { color: "#00cc66" } } };
const banner = { banner: { variant: "on", payload: { text: "hello" } } };

let root: Root | null = null;
afterEach(async () => {
  await act(async () => root?.unmount());
  root = null;
});

async function show(page: ReactNode): Promise<HTMLElement> {
  const element = container();
  root = createRoot(element);
  await act(async () => root!.render(page));
  return element;
}

let renders: string[] = [];

function Button({ name = "checkout-button-color" }: { name?: string }): ReactNode {
  const { variant, payload, reason } = useVariant(name, {
    fallback: { color: "#0066cc" } as { color?: string; text?: string },
  });
  renders.push(name);
  return (
    <button style={{ color: payload.color }}>
      {String(variant)} {payload.color ?? payload.text} {reason}
    </button>
  );
}

test("a component shows its variant and exposes it once, in strict mode too", async () => {
  const client = fakeLotwise(button);
  const page = await show(
    <StrictMode>
      <LotwiseProvider client={client}>
        <Button />
      </LotwiseProvider>
    </StrictMode>,
  );
  assert.equal(page.textContent, "treatment #00cc66 SPLIT");
  assert.deepEqual(client.log, ["expose user-1 checkout-button-color treatment"]);
});

test("a component renders again only when the decision it read changes", async () => {
  const client = fakeLotwise({ ...button, ...banner });
  const page = await show(
    <LotwiseProvider client={client}>
      <Button />
      <Button name="banner" />
    </LotwiseProvider>,
  );
  renders = [];
  await act(async () => client.decide({ ...button, banner: { variant: "off", payload: { text: "bye" } } }));
  assert.deepEqual(renders, ["banner"]);
  assert.equal(page.textContent, "treatment #00cc66 SPLIToff bye SPLIT");
  renders = [];
  await act(async () => client.decide({ ...button, banner: { variant: "off", payload: { text: "bye" } } }));
  assert.deepEqual(renders, []);
  assert.deepEqual(client.log, [
    "expose user-1 checkout-button-color treatment",
    "expose user-1 banner on",
    "expose user-1 banner off",
  ]);
});

test("listeners go with the components", async () => {
  const client = fakeLotwise(button);
  await show(
    <LotwiseProvider client={client}>
      <Button />
    </LotwiseProvider>,
  );
  assert.equal(client.listeners(), 1);
  await act(async () => root!.unmount());
  assert.equal(client.listeners(), 0);
});

test("a fallback written in place is the same object across renders", async () => {
  const client = fakeLotwise({ empty: { variant: null, reason: "NOT_IN_TRAFFIC" } });
  const seen: unknown[] = [];
  let again = (_: number): void => {};
  function Reader(): ReactNode {
    const [count, setCount] = useState(0);
    again = setCount;
    const decision = useVariant("empty", { fallback: { color: "#0066cc", nested: [count > 5] } });
    seen.push(decision);
    return decision.reason;
  }
  await show(
    <LotwiseProvider client={client}>
      <Reader />
    </LotwiseProvider>,
  );
  await act(async () => again(1));
  await act(async () => again(6));
  assert.equal(seen.length, 3);
  assert.equal(seen[0], seen[1]);
  assert.notEqual(seen[1], seen[2]);
  assert.deepEqual((seen[2] as { payload: unknown }).payload, { color: "#0066cc", nested: [true] });
  assert.deepEqual(client.log, []);
});

test("a fallback with functions is never held on to", async () => {
  const client = fakeLotwise({});
  const seen: unknown[] = [];
  let again = (_: number): void => {};
  function Reader(): ReactNode {
    const [count, setCount] = useState(0);
    again = setCount;
    const { payload } = useVariant("empty", { fallback: { get: () => count } });
    seen.push(payload.get());
    return null;
  }
  await show(
    <LotwiseProvider client={client}>
      <Reader />
    </LotwiseProvider>,
  );
  await act(async () => again(1));
  assert.deepEqual(seen, [0, 1]);
});

test("another experiment in the same component is another exposure", async () => {
  const client = fakeLotwise({ ...button, ...banner });
  let choose = (_: string): void => {};
  function Reader(): ReactNode {
    const [name, setName] = useState("banner");
    choose = setName;
    return useVariant(name).variant;
  }
  const page = await show(
    <LotwiseProvider client={client}>
      <Reader />
    </LotwiseProvider>,
  );
  await act(async () => choose("checkout-button-color"));
  assert.equal(page.textContent, "treatment");
  assert.deepEqual(client.log, ["expose user-1 banner on", "expose user-1 checkout-button-color treatment"]);
});

test("a client that makes a new object at every read does not make React render without end", async () => {
  const client = fakeLotwise(button);
  const broken: Lotwise = {
    ...client,
    peek: (experiment: string) => ({ ...client.peek(experiment) }) as any,
  };
  const page = await show(
    <LotwiseProvider client={broken}>
      <Button />
    </LotwiseProvider>,
  );
  assert.equal(page.textContent, "treatment #00cc66 SPLIT");
  assert.deepEqual(client.log, ["expose user-1 checkout-button-color treatment"]);
});

test("a promise of a client suspends until it is there", async () => {
  const client = fakeLotwise(button);
  let give = (_: Lotwise): void => {};
  const promise = new Promise<Lotwise>((resolve) => (give = resolve));
  const page = await show(
    <Suspense fallback="waiting">
      <LotwiseProvider client={promise}>
        <Button />
      </LotwiseProvider>
    </Suspense>,
  );
  assert.equal(page.textContent, "waiting");
  await act(async () => give(client));
  assert.equal(page.textContent, "treatment #00cc66 SPLIT");
});

test("a promise that fails shows fallbacks", async (t) => {
  const warn = t.mock.method(console, "warn", () => {});
  const promise = Promise.reject(new Error("no"));
  const page = await show(
    <Suspense fallback="waiting">
      <LotwiseProvider client={promise}>
        <Button />
      </LotwiseProvider>
    </Suspense>,
  );
  await act(async () => {});
  assert.equal(page.textContent, "null #0066cc NOT_READY");
  assert.equal(warn.mock.callCount(), 1);
});

test("without a provider hooks give fallbacks and do not throw", async () => {
  function Everything(): ReactNode {
    const track = useTrack();
    track("nothing");
    return (
      <>
        {useLotwise().status} {useDecisions().length} <Button />
      </>
    );
  }
  const page = await show(<Everything />);
  assert.equal(page.textContent, "loading 0 null #0066cc NOT_READY");
});

test("the provider makes one client of options and closes it when it leaves", async () => {
  const client = fakeLotwise(button);
  const made: LotwiseOptions[] = [];
  const create = async (options: LotwiseOptions): Promise<Lotwise> => (made.push(options), client);
  function App({ user }: { user: string }): ReactNode {
    const options = { userKey: user, context: { plan: "pro" } };
    return (
      <StrictMode>
        <LotwiseProvider options={options} create={create}>
          <Button />
        </LotwiseProvider>
      </StrictMode>
    );
  }
  const page = await show(<App user="user-1" />);
  assert.equal(page.textContent, "treatment #00cc66 SPLIT");
  assert.equal(made.length, 1);
  assert.ok(!client.log.includes("close"));

  await act(async () => root!.render(<App user="user-1" />));
  await act(async () => root!.render(<App user="user-2" />));
  assert.equal(made.length, 1);
  assert.deepEqual(
    client.log.filter((line) => line.startsWith("user ")),
    ['user {"userKey":"user-2","context":{"plan":"pro"}}'],
  );

  await act(async () => root!.unmount());
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(client.log.filter((line) => line === "close").length, 1);
});

test("useDecisions lists all and records nothing", async () => {
  const client = fakeLotwise({ ...button, ...banner });
  let count = 0;
  function List(): ReactNode {
    count += 1;
    return useDecisions()
      .map((decision) => `${decision.experiment}=${decision.variant}`)
      .join(" ");
  }
  const page = await show(
    <LotwiseProvider client={client}>
      <List />
    </LotwiseProvider>,
  );
  assert.equal(page.textContent, "banner=on checkout-button-color=treatment");
  await act(async () => client.decide({ ...button, ...banner }));
  assert.equal(count, 1);
  await act(async () => client.decide(button));
  assert.equal(page.textContent, "checkout-button-color=treatment");
  assert.deepEqual(client.log, []);
});

test("useTrack tracks with the client, and stays the same function", async () => {
  const client = fakeLotwise(button);
  const seen = new Set<unknown>();
  function Buy(): ReactNode {
    const track = useTrack();
    seen.add(track);
    useVariant("checkout-button-color");
    return <button onClick={() => track("purchase", { value: 42 })}>buy</button>;
  }
  const page = await show(
    <LotwiseProvider client={client}>
      <Buy />
    </LotwiseProvider>,
  );
  await act(async () => client.decide({}));
  await act(async () => page.querySelector("button")!.click());
  assert.equal(seen.size, 1);
  assert.equal(client.log.at(-1), 'track user-1 purchase {"value":42}');
});
