import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Suspense, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { LotwiseProvider, useDecisions, useVariant } from "../src/react/index.js";
import type { Lotwise } from "../src/types.js";
import { fakeLotwise, type Fake } from "./fake.js";

const decisions = {
  "checkout-button-color": { variant: "treatment", payload: { color: "#00cc66" } },
  later: { variant: "a" },
};

function Page(): ReactNode {
  const { variant, payload } = useVariant("checkout-button-color", { fallback: { color: "#0066cc" } });
  return (
    <main>
      <button style={{ color: payload.color }}>{variant}</button>
      <All />
      <Suspense fallback="…">
        <Later />
      </Suspense>
    </main>
  );
}

function All(): ReactNode {
  const all = useDecisions().map((decision) => decision.variant);
  return <i>{all.join(" ")}</i>;
}

let hold: Promise<void> | null = null;
function Later(): ReactNode {
  if (hold !== null) throw hold;
  return <b>{useVariant("later").variant}</b>;
}

function render(client: Lotwise | Promise<Lotwise>): string {
  return renderToString(
    <LotwiseProvider client={client}>
      <Page />
    </LotwiseProvider>,
  );
}

let markup: string;
let server: Fake;
before(() => {
  server = fakeLotwise(decisions);
  markup = render(server.forUser({ userKey: "user-9" }));
});

test("the server renders decisions, exposes nobody and listens to nothing", () => {
  assert.match(markup, /<button style="color:#00cc66">treatment<\/button>/);
  assert.deepEqual(server.log, ['forUser {"userKey":"user-9"}']);
  assert.equal(server.listeners(), 0);
});

test("options on the server give fallbacks, and no client is made", () => {
  const html = renderToString(
    <LotwiseProvider options={{ userKey: "user-9" }} create={() => assert.fail("made on the server")}>
      <Page />
    </LotwiseProvider>,
  );
  assert.match(html, /color:#0066cc/);
});

test("hydration", async (t) => {
  // The document comes after the server's part, which must not see one.
  const { container } = await import("./dom.js");
  const { act } = await import("react");
  const { hydrateRoot } = await import("react-dom/client");
  after(() => void delete (globalThis as { document?: unknown }).document);

  async function hydrate(
    page: ReactNode,
  ): Promise<{ element: HTMLElement; faults: unknown[]; end(): Promise<void> }> {
    const faults: unknown[] = [];
    t.mock.method(console, "error", (...fault: unknown[]) => void faults.push(fault));
    const element = container(markup);
    const root = await act(async () =>
      hydrateRoot(element, page, { onRecoverableError: (fault) => faults.push(fault) }),
    );
    return { element, faults, end: async () => act(async () => root.unmount()) };
  }

  await t.test("the same decisions hydrate without a word and are exposed", async () => {
    const client = fakeLotwise(decisions);
    const { element, faults, end } = await hydrate(
      <LotwiseProvider client={client}>
        <Page />
      </LotwiseProvider>,
    );
    assert.deepEqual(faults, []);
    assert.match(element.innerHTML, /treatment/);
    assert.deepEqual(client.log.sort(), [
      "expose user-1 checkout-button-color treatment",
      "expose user-1 later a",
    ]);
    await end();
  });

  await t.test("a promise of a client hydrates when it is there", async () => {
    const client = fakeLotwise(decisions);
    let give = (_: Lotwise): void => {};
    const promise = new Promise<Lotwise>((resolve) => (give = resolve));
    const { element, faults, end } = await hydrate(
      <LotwiseProvider client={promise}>
        <Page />
      </LotwiseProvider>,
    );
    assert.match(element.innerHTML, /treatment/);
    await act(async () => give(client));
    assert.deepEqual(faults, []);
    assert.match(element.innerHTML, /treatment/);
    assert.equal(client.log.length, 2);
    await end();
  });

  await t.test(
    "a part that hydrates after a publish shows what the server sent, then what is new",
    async () => {
      const client = fakeLotwise(decisions);
      let go = (): void => {};
      hold = new Promise((resolve) => (go = resolve));
      const { element, faults, end } = await hydrate(
        <LotwiseProvider client={client}>
          <Page />
        </LotwiseProvider>,
      );
      await act(async () => client.decide({ ...decisions, later: { variant: "b" } }));
      await act(async () => {
        hold = null;
        go();
      });
      assert.deepEqual(faults, []);
      assert.match(element.innerHTML, /<b>b<\/b>/);
      assert.ok(client.log.includes("expose user-1 later b"));
      assert.ok(!client.log.includes("expose user-1 later a"));
      await end();
    },
  );
});
